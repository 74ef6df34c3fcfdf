// What tests run beside the app, in an image that has no shell: `tool cat`, `tool exit 7`, `tool env NAME`, `tool size`, `tool say out err`, `tool wait`.
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	switch os.Args[1] {
	case "cat":
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "exit":
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "env":
		fmt.Println(os.Getenv(os.Args[2]))
	case "size":
		// The size comes a moment after the terminal.
		var size struct{ Rows, Columns, _, _ uint16 }
		for range 100 {
			_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, 1, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
			if errno != 0 {
				fmt.Println("no terminal")
				os.Exit(1)
			}
			if size.Rows > 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		fmt.Printf("%d rows, %d columns\n", size.Rows, size.Columns)
	case "say":
		fmt.Println(os.Args[2])
		fmt.Fprintln(os.Stderr, os.Args[3])
	case "wait":
		fmt.Println("waits")
		time.Sleep(time.Hour)
	}
}
