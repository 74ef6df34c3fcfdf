//go:build tools

// Package cli pins the Pulumi CLI and everything it is built from, by go.sum.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
