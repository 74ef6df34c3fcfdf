module slipway/test/lab/app

go 1.24
