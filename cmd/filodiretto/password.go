package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filodiretto/internal/password"
)

// passwordInput is where a command takes a password from.
type passwordInput struct {
	PasswordFile string `type:"path" placeholder:"FILE" help:"Read the password from a file, - for standard input. Without it the password is asked for."`
}

// hash takes the password from where it is and makes it ready for the table. It
// may not be made of what everybody knows of its owner.
func (c passwordInput) hash(ctx context.Context, s *shell, known ...string) (string, error) {
	text, err := c.password(s)
	if err != nil {
		return "", err
	}
	if weak := password.Check(text, known...); weak != password.None {
		return "", wrongUse("%s", weak.Text("en"))
	}
	return password.NewHasher(password.Recommended, 1).Hash(ctx, text)
}

func (c passwordInput) password(s *shell) (string, error) {
	if c.PasswordFile != "" && c.PasswordFile != "-" {
		text, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return "", wrongUse("the password file cannot be read (%v): check the path given to --password-file", err)
		}
		return firstLine(string(text)), nil
	}
	if f, ok := s.in.(*os.File); ok && c.PasswordFile == "" && isTerminal(f) {
		return askTwice(s, f)
	}
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = firstLine(line); line == "" {
		return "", wrongUse("no password came on standard input: type it when asked, or use --password-file FILE")
	}
	return line, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r")
}

// askTwice asks at the terminal without showing what is typed.
func askTwice(s *shell, f *os.File) (string, error) {
	var typed [2]string
	for i, ask := range []string{"Password: ", "Once more: "} {
		line, err := readHidden(f, func() { fmt.Fprint(s.err, ask) })
		fmt.Fprintln(s.err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = line
	}
	if typed[0] != typed[1] {
		return "", wrongUse("the two passwords are not the same: try again")
	}
	return typed[0], nil
}
