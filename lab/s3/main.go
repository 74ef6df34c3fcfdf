// The lab's object store: Versity's gateway, which checks every signature and every payload's hash, over a folder of this machine.
// Buckets are the folders in it.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	folder, err := posix.New(os.Getenv("S3_FOLDER"), meta.XattrMeta{}, posix.PosixOpts{})
	if err != nil {
		log.Fatal(err)
	}
	// Keys come by the environment: everybody on the machine can read a command line.
	err = embedgw.RunVersityGW(stop, folder, &embedgw.Config{
		RootUserAccess:    os.Getenv("S3_ACCESS_KEY"),
		RootUserSecret:    os.Getenv("S3_SECRET_KEY"),
		Region:            os.Getenv("S3_REGION"),
		Ports:             []string{os.Getenv("S3_ADDRESS")},
		CertFile:          os.Getenv("S3_CERTIFICATE"),
		KeyFile:           os.Getenv("S3_KEY"),
		MaxConnections:    1000,
		MaxRequests:       1000,
		MultipartMaxParts: 10000,
		HealthPath:        "/health",
		KeepAlive:         true,
	})
	if err != nil {
		log.Fatal(err)
	}
}
