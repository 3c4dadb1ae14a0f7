// The paid request by Go's net/http with group commit: server FILE. Prints the address.
//
// POST /agent/task: without X-Payment 402; else the proof and the body are read, a line of about
// 900 bytes is made (we write two records of that size together), and the answer leaves when a
// write and an fdatasync have returned. One goroutine writes; waiting requests share a sync.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type answer struct {
	Status  string         `json:"status"`
	Result  map[string]any `json:"result"`
	Receipt map[string]any `json:"receipt"`
	Key     string         `json:"idempotencyKey"`
}

type record struct {
	Seq     int64           `json:"seq"`
	At      string          `json:"at"`
	Type    string          `json:"type"`
	Subject string          `json:"subject"`
	Actor   string          `json:"actor"`
	Key     string          `json:"key"`
	Proof   string          `json:"proof_id"`
	Amount  string          `json:"amount"`
	Request json.RawMessage `json:"request"`
	Body    json.RawMessage `json:"body"`
	Pad     string          `json:"pad"`
}

var (
	mutex   sync.Mutex
	pending []byte
	waiting []chan struct{}
	work    = make(chan struct{}, 1)
	seq     int64
	used    sync.Map
	pad     = strings.Repeat("0", 330)
)

func appendLine(line []byte) {
	done := make(chan struct{})
	mutex.Lock()
	pending = append(append(pending, line...), '\n')
	waiting = append(waiting, done)
	mutex.Unlock()
	select {
	case work <- struct{}{}:
	default:
	}
	<-done
}

func writer(file *os.File) {
	for range work {
		mutex.Lock()
		bytes, who := pending, waiting
		pending, waiting = nil, nil
		mutex.Unlock()
		if len(bytes) == 0 {
			continue
		}
		if _, err := file.Write(bytes); err != nil {
			panic(err)
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			panic(err)
		}
		for _, done := range who {
			close(done)
		}
	}
}

func task(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	parts := strings.SplitN(r.Header.Get("X-Payment"), ":", 3)
	if len(parts) != 3 || parts[0] != "v1" {
		w.WriteHeader(402)
		io.WriteString(w, `{"error":{"code":"PAYMENT_REQUIRED","message":"Payment required for this resource."}}`)
		return
	}
	body, err := io.ReadAll(r.Body)
	var task struct{ Task string }
	if err != nil || json.Unmarshal(body, &task) != nil || task.Task == "" {
		w.WriteHeader(400)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if _, known := used.LoadOrStore(key, parts[2]); known {
		w.WriteHeader(409)
		return
	}
	number := atomic.AddInt64(&seq, 1)
	at := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	reply, _ := json.Marshal(answer{"accepted",
		map[string]any{"message": "Task accepted and done.", "taskBytes": len(task.Task)},
		map[string]any{"paid": true, "receiptId": fmt.Sprint("rcpt_", number), "amount": parts[1], "paidAt": at}, key})
	line, _ := json.Marshal(record{number, at, "gateway.payment_accepted", fmt.Sprint("rcpt_", number),
		"anonymous", key, parts[2], parts[1], body, reply, pad})
	appendLine(line)
	w.Write(reply)
}

func main() {
	file, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
	if err != nil {
		panic(err)
	}
	go writer(file)
	http.HandleFunc("/agent/task", task)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, nil))
}
