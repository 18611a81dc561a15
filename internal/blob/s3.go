package blob

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"filodiretto/internal/clock"
)

// S3 is a store in a bucket of any service that speaks S3. An object is only
// seen when it is complete, so no half-written one can be found.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string // empty, or ends in "/"
}

// openS3 reads s3://key:secret@host:port/bucket/prefix?region=R&insecure=true.
// Its errors never hold the address, which has the secret in it.
func openS3(address string) (*S3, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("file store: the s3 address does not read: percent-encode the special characters of the secret")
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.Host == "" || bucket == "" {
		return nil, errors.New(`file store: write "s3://key:secret@host:port/bucket"`)
	}
	query := u.Query()
	for name := range query {
		if name != "region" && name != "insecure" {
			return nil, fmt.Errorf("file store: the s3 address has an unknown option %q: the options are region and insecure", name)
		}
	}
	secretKey, _ := u.User.Password()
	client, err := minio.New(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(u.User.Username(), secretKey, ""),
		Secure: query.Get("insecure") != "true",
		Region: query.Get("region"),
	})
	if err != nil {
		return nil, wrap("s3", err)
	}
	if prefix != "" {
		prefix += "/"
	}
	return &S3{client: client, bucket: bucket, prefix: prefix}, nil
}

// Put goes through a temporary file, as the name is known only at the end.
func (s *S3) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	f, err := os.CreateTemp("", "filodiretto-put-*") // mode 0600
	if err != nil {
		return "", 0, wrap("put", err)
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil { // it lives as long as it is open, even through a crash
		return "", 0, wrap("put", err)
	}
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, h), contextReader{ctx, r})
	if err != nil {
		return "", 0, wrap("put", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", 0, wrap("put", err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	// Even when it is there already: that makes it young again. One request
	// (5 GiB at most) signed over our own hash, so that the service checks the
	// bytes; the client's streaming signature is not understood by all services.
	core := minio.Core{Client: s.client}
	_, err = core.PutObject(ctx, s.bucket, s.key(sum), f, size, "", sum,
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true})
	if err != nil {
		return "", 0, wrap("put", err)
	}
	return sum, size, nil
}

// Open asks for the object; the bytes come as they are read.
func (s *S3) Open(ctx context.Context, sum string) (io.ReadSeekCloser, error) {
	if err := checkName(sum); err != nil {
		return nil, wrap("open", err)
	}
	o, err := s.open(ctx, sum)
	if isMissing(err) {
		if err := s.bringBack(ctx, sum); err != nil {
			return nil, wrap("open", err)
		}
		o, err = s.open(ctx, sum)
	}
	if isMissing(err) {
		err = cmp.Or(s.Check(ctx), ErrNotFound)
	}
	if err != nil {
		return nil, wrap("open", err)
	}
	return verify(o, sum), nil
}

func (s *S3) open(ctx context.Context, sum string) (*minio.Object, error) {
	o, err := s.client.GetObject(ctx, s.bucket, s.key(sum), minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := o.Stat(); err != nil {
		_ = o.Close() // it was only asked about
		return nil, err
	}
	return o, nil
}

// Has asks for the object's head.
func (s *S3) Has(ctx context.Context, sum string) (bool, error) {
	if err := checkName(sum); err != nil {
		return false, wrap("has", err)
	}
	for _, key := range []string{s.key(sum), s.discarded(sum), s.key(sum)} { // again: it may have come back
		_, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
		if err == nil {
			return true, nil
		}
		if !isMissing(err) {
			return false, wrap("has", err)
		}
	}
	return false, s.Check(ctx) // a missing bucket answers alike, and means no such thing
}

// Walk lists the bucket below the prefix.
func (s *S3) Walk(ctx context.Context, f func(Info) error) error {
	return wrap("walk", s.walk(ctx, s.prefix, s.key, f))
}

func (s *S3) walk(ctx context.Context, prefix string, at func(sum string) string, f func(Info) error) error {
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		sum := o.Key[strings.LastIndex(o.Key, "/")+1:]
		if checkName(sum) != nil || at(sum) != o.Key {
			continue
		}
		if err := f(Info{Sum: sum, Size: o.Size, Modified: clock.At(o.LastModified)}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Check asks whether the bucket is there and may be used.
func (s *S3) Check(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !ok {
		err = errors.New("the bucket does not exist: make it, or correct its name in files.url")
	}
	return wrap("check", err)
}

func (s *S3) key(sum string) string { return s.prefix + sum[:2] + "/" + sum }

func isMissing(err error) bool {
	return err != nil && minio.ToErrorResponse(err).StatusCode == http.StatusNotFound &&
		minio.ToErrorResponse(err).Code != minio.NoSuchBucket
}
