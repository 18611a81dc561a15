package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
)

// addressLike finds mail addresses in the words of a server.
var addressLike = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

// hidden is an error in the words of a server from which addresses were taken
// out. It answers errors.Is for its cause, which nobody can print.
type hidden struct {
	text string
	is   func(target error) bool
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return h.is(target) }

// redacted makes an error fit for a log: servers like to repeat the address
// they refuse.
func redacted(err error) error {
	if err == nil {
		return nil
	}
	return &hidden{
		text: addressLike.ReplaceAllString(err.Error(), "<address>"),
		is:   func(target error) bool { return errors.Is(err, target) },
	}
}

// reasonUnknown stands for a failure that is none of the network's known ones:
// most often words of the server that we cannot read.
const reasonUnknown = "the exchange failed"

// reason says in a few words, with the remedy where there is one, why the
// network failed. which is the prefix of the settings.
func reason(err error, which string) string {
	var (
		unknown  x509.UnknownAuthorityError
		host     x509.HostnameError
		invalid  x509.CertificateInvalidError
		notTLS   tls.RecordHeaderError
		dns      *net.DNSError
		timedOut net.Error
	)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "it was called off"
	case errors.As(err, &unknown):
		return "its certificate is signed by an unknown authority: name the authority's file in ca_file"
	case errors.As(err, &host):
		return "its certificate is for another name: check " + which + "_host"
	case errors.As(err, &invalid):
		return "its certificate is not valid (expired, or not for servers)"
	case errors.As(err, &notTLS):
		return "it does not speak TLS on this port: check " + which + "_port and " + which + "_security"
	case errors.As(err, &dns):
		return "its name is not known: check " + which + "_host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check " + which + "_host and " + which + "_port, and whether the server is up"
	case errors.Is(err, errSilent), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timedOut) && timedOut.Timeout():
		return "it did not answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was closed"
	case strings.Contains(err.Error(), "STARTTLS"):
		return "it does not offer STARTTLS: check " + which + "_port and " + which + "_security"
	}
	return reasonUnknown
}
