module slipway.test/tool

go 1.24
