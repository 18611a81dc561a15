package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"time"

	"filodiretto/bench/rig"
)

// bigMail is how large the large mail is, in bytes.
const bigMail = 100 << 20

// bigMails measures what one mail of 100 MB costs in memory: the most that the
// program, a process of its own, ever held while it was fetched, kept, read and
// filed, over what it held before. There are two such mails: with one file, and
// with fifty.
func bigMails(ctx context.Context, s *session) ([]Figure, error) {
	size := s.size(bigMail, 8<<20)
	p, r, err := s.process(ctx, rig.Setup{})
	if err != nil {
		return nil, err
	}
	look, err := openDatabase(ctx, r)
	if err != nil {
		return nil, err
	}
	defer look.Close()
	most, more := 0.0, map[string]any{"mail_bytes": size}
	for i, files := range []int{1, 50} {
		if err := rest(ctx, 5*time.Second); err != nil {
			return nil, err
		}
		idle, _, err := p.Memory()
		if err != nil {
			return nil, err
		}
		if err := p.ForgetMost(); err != nil {
			return nil, err
		}
		cpu, err := p.CPU()
		if err != nil {
			return nil, err
		}
		from := now()
		if err := r.Deliver(largeMail(size, files)); err != nil {
			return nil, err
		}
		if err := awaitFiledIn(ctx, look, i+1); err != nil {
			return nil, err
		}
		took := now().Sub(from)
		_, peak, err := p.Memory()
		if err != nil {
			return nil, err
		}
		spent, err := p.CPU()
		if err != nil {
			return nil, err
		}
		var parts int
		var bytes int64
		if err := look.Read.NewRaw("SELECT count(*), COALESCE(sum(p.size), 0) FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE m.subject = ? AND p.state = 'stored'", bigSubject(files)).Scan(ctx, &parts, &bytes); err != nil {
			return nil, err
		}
		if parts != files || bytes < int64(size)*7/10 {
			return nil, fmt.Errorf("%d files with %d bytes of a mail with %d came in", parts, bytes, files)
		}
		over := float64(peak-idle) / mib
		most = max(most, over)
		more[fmt.Sprintf("files_%d", files)] = map[string]any{
			"over_idle_mib": round(over), "idle_mib": round(float64(idle) / mib), "peak_mib": round(float64(peak) / mib), "seconds": round(took.Seconds()), "cpu_s": round((spent - cpu).Seconds()), "load": load(),
		}
	}
	return []Figure{{Name: "big_mail_rss_mib", Value: most, Unit: "MiB", N: 2, More: more}}, p.Stop()
}

func bigSubject(files int) string { return fmt.Sprintf("Progetto in %d file", files) }

// largeMail is a mail of about size bytes with so many files of chance.
func largeMail(size, files int) []byte {
	var b bytes.Buffer
	b.Grow(size + size/16)
	fmt.Fprintf(&b, "From: Studio Bruni <studio@bruni.example>\r\nTo: %s\r\nSubject: %s\r\nDate: Mon, 16 Nov 2026 10:00:00 +0100\r\nMessage-ID: <progetto-%d@bruni.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n", rig.Mailbox, bigSubject(files), files)
	b.WriteString("--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIn allegato il progetto.\r\n")
	chance := rand.NewChaCha8([32]byte{byte(files)})
	line := make([]byte, 57)
	for i := range files {
		fmt.Fprintf(&b, "--=_b\r\nContent-Type: application/pdf; name=\"tavola-%d.pdf\"\r\nContent-Disposition: attachment; filename=\"tavola-%d.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", i, i)
		for range size / files / 78 {
			_, _ = chance.Read(line) // never fails
			b.WriteString(base64.StdEncoding.EncodeToString(line))
			b.WriteString("\r\n")
		}
	}
	b.WriteString("--=_b--\r\n")
	return b.Bytes()
}
