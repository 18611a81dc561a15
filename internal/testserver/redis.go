package testserver

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// RedisServer is a private redis-server that keeps nothing on disk: what a
// stopped one held is gone, as Redis may at any moment be.
type RedisServer struct {
	dir       string
	temporary bool
	program   string
	port      int
	proc      *process
}

// StartRedis starts a redis-server on a free port of 127.0.0.1, in dir or in a
// temporary folder.
func StartRedis(dir string) (*RedisServer, error) {
	program, err := findProgram("redis-server", "redis-server")
	if err != nil {
		return nil, err
	}
	r := &RedisServer{program: program}
	if r.dir, r.temporary, err = workDir(dir, "redis"); err != nil {
		return nil, err
	}
	for range portTries {
		if r.port, err = freePort(); err == nil {
			err = r.Start()
		}
		if err == nil {
			return r, nil
		}
	}
	r.clean()
	return nil, err
}

// Start starts a stopped server again, empty, on the same port.
func (r *RedisServer) Start() error {
	var remove []string
	if r.temporary {
		remove = []string{r.dir}
	}
	proc, err := startProcess(spec{
		name: "redis-server", path: r.program, dir: r.dir, stop: syscall.SIGTERM, remove: remove,
		args: []string{
			"--bind", "127.0.0.1", "--port", strconv.Itoa(r.port),
			"--save", "", "--appendonly", "no", "--dir", r.dir,
		},
	})
	if err != nil {
		return err
	}
	r.proc = proc
	if err := proc.ready(r.ping); err != nil {
		proc.end()
		return err
	}
	return nil
}

// Addr is host:port.
func (r *RedisServer) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

// URL is the address as the configuration file has it.
func (r *RedisServer) URL() string { return "redis://" + r.Addr() + "/0" }

func (r *RedisServer) ping() error {
	conn, err := net.DialTimeout("tcp", r.Addr(), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(line, "+PONG") {
		return fmt.Errorf("redis-server is not ready")
	}
	return nil
}

// Halt ends the server and forgets its data; Start brings it back.
func (r *RedisServer) Halt() { r.proc.kill() }

// Stop ends the server for good and removes a temporary folder.
func (r *RedisServer) Stop() {
	r.proc.end()
	r.clean()
}

func (r *RedisServer) clean() {
	if r.temporary {
		_ = os.RemoveAll(r.dir)
	}
}
