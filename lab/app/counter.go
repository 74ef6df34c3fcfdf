package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const counterKey = "lab:counter"

// counter returns the number of its requests, counted in the Redis at REDIS_URL.
func counter(w http.ResponseWriter, _ *http.Request) {
	count, err := increment(text("REDIS_URL", ""))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, count)
}

func increment(address string) (string, error) {
	target, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("REDIS_URL is not a URL")
	}
	host := target.Host
	if target.Port() == "" {
		host = net.JoinHostPort(target.Hostname(), "6379")
	}
	connection, err := net.DialTimeout("tcp", host, time.Second)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Second))
	replies := bufio.NewReader(connection)
	if password, set := target.User.Password(); set {
		login := []string{"AUTH", password}
		if name := target.User.Username(); name != "" {
			login = []string{"AUTH", name, password}
		}
		if _, err := call(connection, replies, login...); err != nil {
			return "", err
		}
	}
	return call(connection, replies, "INCR", counterKey)
}

// call implements the part of Redis's protocol that these answers need: one line each.
func call(connection net.Conn, replies *bufio.Reader, words ...string) (string, error) {
	var request strings.Builder
	fmt.Fprintf(&request, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&request, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := connection.Write([]byte(request.String())); err != nil {
		return "", err
	}
	line, err := replies.ReadString('\n')
	if err != nil {
		return "", err
	}
	reply := strings.TrimSpace(line)
	if strings.HasPrefix(reply, "-") {
		return "", fmt.Errorf("redis: %s", reply[1:])
	}
	return strings.TrimLeft(reply, ":+"), nil
}
