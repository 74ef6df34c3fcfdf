// The lab's test app: an HTTP server (as `app worker` a process without a port, as `app task` one that ends). Its environment
// enables faults.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Switches, all off by default.
var (
	version        = text("VERSION", "unversioned")
	port           = text("PORT", "3000")
	bootDelay      = millis("BOOT_DELAY_MS")
	exitAtBoot     = number("EXIT_AT_BOOT", -1)
	exitAfter      = millis("EXIT_AFTER_MS")
	unhealthy      = text("UNHEALTHY", "") == "1"
	unhealthyAfter = millis("UNHEALTHY_AFTER_MS")
	unhealthyFor   = text("UNHEALTHY_FOR", "")
	ignoreSigterm  = text("IGNORE_SIGTERM", "") == "1"
	eatMegabytes   = number("EAT_MB", 0)
	slow           = millis("SLOW_MS")
	// The mistakes of a first deploy.
	host        = text("HOST", map[bool]string{true: "127.0.0.1"}[text("LISTEN_LOCALLY", "") == "1"])
	needs       = text("NEEDS", "")
	dial        = text("DIAL", "")
	upIsMissing = text("UP_IS_MISSING", "") == "1"
	onlyHost    = text("ONLY_HOST", "")
)

var (
	started = time.Now()
	eaten   [][]byte // held, so that the memory stays taken
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "check" {
		check()
		return
	}
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	if len(os.Args) > 2 && os.Args[1] == "task" {
		task(os.Args[2], os.Args[3:])
		return
	}
	log.Printf("version %s, pid %d, arguments %v", version, os.Getpid(), os.Args[1:])
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)

	time.Sleep(bootDelay)
	if exitAtBoot >= 0 {
		log.Print("reading the configuration")
		log.Print("connecting to the database at 10.0.0.5:5432")
		log.Print("fatal: connection refused")
		os.Exit(exitAtBoot)
	}
	start()
	if exitAfter > 0 {
		time.AfterFunc(exitAfter, func() {
			log.Printf("fatal: EXIT_AFTER_MS=%d", exitAfter.Milliseconds())
			os.Exit(1)
		})
	}
	if len(os.Args) > 1 && os.Args[1] == "migrate" {
		log.Print("migrated")
		return
	}
	eat(eatMegabytes)
	written := startRows()

	if len(os.Args) > 1 && os.Args[1] == "worker" {
		work(stop)
		return
	}
	serve(stop, written)
}

// start ends the app without what it needs, as apps do.
func start() {
	for _, name := range strings.Fields(needs) {
		if os.Getenv(name) == "" {
			log.Fatalf("required key %s missing value", name)
		}
	}
	if dial != "" {
		connection, err := net.DialTimeout("tcp", dial, 5*time.Second)
		if err != nil {
			log.Fatal(err)
		}
		connection.Close()
	}
}

// known answers 400 under another name than its own, as Django does.
func known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if onlyHost != "" && r.Host != onlyHost {
			http.Error(w, "Bad Request", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// task is the release command: `app task <name> [milliseconds] [exit code]`.
func task(name string, more []string) {
	argument := func(at int) int {
		if at >= len(more) {
			return 0
		}
		value, _ := strconv.Atoi(more[at])
		return value
	}
	log.Printf("task %s of %s begins", name, version)
	end := started.Add(time.Duration(argument(0)) * time.Millisecond)
	for step := 1; time.Now().Before(end); step++ {
		time.Sleep(min(200*time.Millisecond, time.Until(end)))
		log.Printf("task %s: step %d", name, step)
	}
	if code := argument(1); code != 0 {
		log.Printf("task %s: relation orders does not exist", name)
		os.Exit(code)
	}
	log.Printf("task %s ends", name)
}

func work(stop <-chan os.Signal) {
	log.Print("worker ready")
	tick := time.NewTicker(10 * time.Second)
	for {
		select {
		case <-tick.C:
			log.Print("worker waits for jobs")
		case got := <-stop:
			if !ignoreSigterm {
				log.Printf("worker ends on %s", got)
				return
			}
			log.Printf("ignores %s", got)
		}
	}
}

func serve(stop <-chan os.Signal, written *rows) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /up", up)
	mux.HandleFunc("GET /env", env)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServer(http.Dir("/assets"))))
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		wait, _ := strconv.Atoi(r.URL.Query().Get("ms"))
		time.Sleep(time.Duration(wait) * time.Millisecond)
		answer(w, r)
	})
	mux.HandleFunc("/", answer)
	if written != nil {
		mux.HandleFunc("/rows", written.answer)
	}
	if text("REDIS_URL", "") != "" {
		mux.HandleFunc("/redis", counter)
	}
	var fresh unused
	server := &http.Server{Handler: known(mux), ConnState: fresh.track}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	log.Printf("listening on %s", port)

	for {
		select {
		case err := <-ended:
			log.Fatal(err)
		case got := <-stop:
			if ignoreSigterm {
				log.Printf("ignores %s", got)
				continue
			}
			log.Printf("finishes what is in flight, on %s", got)
			// Shutdown waits 5 s for a connection that never sent a request; proxies keep such connections open, which would delay every swap.
			listener.Close()
			fresh.close()
			if err := server.Shutdown(context.Background()); err != nil {
				log.Print(err)
			}
			log.Print("bye")
			return
		}
	}
}

// unused has the connections without a request so far.
type unused struct {
	lock        sync.Mutex
	connections map[net.Conn]struct{}
}

func (u *unused) track(connection net.Conn, state http.ConnState) {
	u.lock.Lock()
	defer u.lock.Unlock()
	if u.connections == nil {
		u.connections = map[net.Conn]struct{}{}
	}
	if state == http.StateNew {
		u.connections[connection] = struct{}{}
		return
	}
	delete(u.connections, connection)
}

func (u *unused) close() {
	u.lock.Lock()
	defer u.lock.Unlock()
	for connection := range u.connections {
		connection.Close()
	}
}

// check requests /up of the running app, as a health check by command does.
func check() {
	response, err := http.Get("http://127.0.0.1:" + port + "/up")
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}
}

func up(w http.ResponseWriter, r *http.Request) {
	if upIsMissing {
		http.NotFound(w, r)
		return
	}
	if unhealthyFor != "" && strings.Contains(r.UserAgent(), unhealthyFor) {
		http.Error(w, "unhealthy for "+unhealthyFor, http.StatusServiceUnavailable)
		return
	}
	if unhealthy || (unhealthyAfter > 0 && time.Since(started) > unhealthyAfter) {
		http.Error(w, "unhealthy", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, "ok")
}

func env(w http.ResponseWriter, _ *http.Request) {
	values := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(values)
}

func answer(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(slow)
	fmt.Fprint(w, version)
}

func eat(megabytes int) {
	for range megabytes {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		eaten = append(eaten, block)
	}
}

func text(name, fallback string) string {
	if value, set := os.LookupEnv(name); set {
		return value
	}
	return fallback
}

func number(name string, fallback int) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		return fallback
	}
	return value
}

func millis(name string) time.Duration { return time.Duration(number(name, 0)) * time.Millisecond }
