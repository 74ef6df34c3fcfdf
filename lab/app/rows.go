package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	rowEvery   = 50 * time.Millisecond
	rowTimeout = time.Second
	askTimeout = 5 * time.Second

	makeRows  = `CREATE TABLE IF NOT EXISTS lab_rows (writer text, number bigint, at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (writer, number))`
	addRow    = `INSERT INTO lab_rows (writer, number) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	countRows = `SELECT count(*) FILTER (WHERE writer = $1 AND number <= $2), count(*) FROM lab_rows`
)

// rows writes 1, 2, 3 … into the database while the process runs. A number is retried until it is acknowledged, so that the database
// must have every one up to the last; missing ones are lost.
type rows struct {
	url    string
	writer string

	lock         sync.Mutex
	acknowledged int64
	errors       int64
	last         time.Time
	longest      time.Duration
}

// startRows writes if DATABASE_URL is set. With DATABASE_REQUIRED=1 the process exits if the database does not answer at boot.
func startRows() *rows {
	url := text("DATABASE_URL", "")
	if url == "" {
		return nil
	}
	name, _ := os.Hostname()
	r := &rows{url: url, writer: fmt.Sprintf("%s-%d", name, started.UnixNano())}
	if text("DATABASE_REQUIRED", "") == "1" {
		connection, err := r.connect(context.Background())
		if err != nil {
			log.Fatal("fatal: ", err)
		}
		connection.Close(context.Background())
	}
	go r.write()
	return r
}

func (r *rows) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, rowTimeout)
	defer cancel()
	return pgx.Connect(ctx, r.url)
}

func (r *rows) write() {
	for {
		err := r.writeOn(context.Background())
		r.lock.Lock()
		r.errors++
		r.lock.Unlock()
		log.Printf("rows: %v", err)
		time.Sleep(rowEvery)
	}
}

// writeOn writes through one connection until that fails.
func (r *rows) writeOn(ctx context.Context) error {
	connection, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	if err := execute(ctx, connection, makeRows); err != nil {
		return err
	}
	tick := time.NewTicker(rowEvery)
	defer tick.Stop()
	for next := r.acknowledged + 1; ; next++ {
		if err := execute(ctx, connection, addRow, r.writer, next); err != nil {
			return err
		}
		r.acknowledge(next, time.Now())
		<-tick.C
	}
}

func execute(ctx context.Context, connection *pgx.Conn, statement string, values ...any) error {
	ctx, cancel := context.WithTimeout(ctx, rowTimeout)
	defer cancel()
	_, err := connection.Exec(ctx, statement, values...)
	return err
}

func (r *rows) acknowledge(number int64, at time.Time) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if !r.last.IsZero() {
		r.longest = max(r.longest, at.Sub(r.last))
	}
	r.acknowledged, r.last = number, at
}

// rowsReport is the answer of /rows. Stored counts acknowledged rows of this process, Total the rows of all processes.
type rowsReport struct {
	Acknowledged int64  `json:"acknowledged"`
	Stored       int64  `json:"stored"`
	Total        int64  `json:"total"`
	LongestGapMs int64  `json:"longestGapMs"`
	Errors       int64  `json:"errors"`
	Error        string `json:"error,omitempty"`
}

// answer reports what was written and what is stored, with 503 if the database does not answer. POST then resets gap and errors.
func (r *rows) answer(w http.ResponseWriter, request *http.Request) {
	facts := r.facts()
	w.Header().Set("Content-Type", "application/json")
	if err := r.count(request.Context(), &facts); err != nil {
		facts.Error = err.Error()
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if request.Method == http.MethodPost {
		r.lock.Lock()
		r.longest, r.errors = 0, 0
		r.lock.Unlock()
	}
	json.NewEncoder(w).Encode(facts)
}

func (r *rows) facts() rowsReport {
	r.lock.Lock()
	defer r.lock.Unlock()
	gap := r.longest
	if !r.last.IsZero() {
		gap = max(gap, time.Since(r.last)) // a gap that has not ended
	}
	return rowsReport{Acknowledged: r.acknowledged, LongestGapMs: gap.Milliseconds(), Errors: r.errors}
}

func (r *rows) count(ctx context.Context, facts *rowsReport) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	connection, err := pgx.Connect(ctx, r.url)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	return connection.QueryRow(ctx, countRows, r.writer, facts.Acknowledged).Scan(&facts.Stored, &facts.Total)
}
