package blob

import (
	"context"

	"github.com/minio/minio-go/v7"
)

func (s *S3) discarded(sum string) string { return s.prefix + "discarded/" + sum }

// Discard copies the object aside and removes it. Where the same bytes are put
// anew between the two, they are the same bytes: Open brings them back.
func (s *S3) Discard(ctx context.Context, sum string) error {
	if err := checkName(sum); err != nil {
		return wrap("discard", err)
	}
	return wrap("discard", s.move(ctx, s.key(sum), s.discarded(sum)))
}

// Restore copies the object back.
func (s *S3) Restore(ctx context.Context, sum string) error {
	if err := checkName(sum); err != nil {
		return wrap("restore", err)
	}
	return wrap("restore", s.bringBack(ctx, sum))
}

// Purge removes the discarded object.
func (s *S3) Purge(ctx context.Context, sum string) error {
	if err := checkName(sum); err != nil {
		return wrap("purge", err)
	}
	return wrap("purge", s.remove(ctx, s.discarded(sum)))
}

// WalkDiscarded lists what was discarded.
func (s *S3) WalkDiscarded(ctx context.Context, f func(Info) error) error {
	return wrap("walk", s.walk(ctx, s.prefix+"discarded/", s.discarded, f))
}

func (s *S3) bringBack(ctx context.Context, sum string) error {
	return s.move(ctx, s.discarded(sum), s.key(sum))
}

// move copies within the service, which gives the object a new time, and removes
// the first place. What is not there stays away.
func (s *S3) move(ctx context.Context, from, to string) error {
	_, err := s.client.CopyObject(ctx, minio.CopyDestOptions{Bucket: s.bucket, Object: to}, minio.CopySrcOptions{Bucket: s.bucket, Object: from})
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.remove(ctx, from)
}

func (s *S3) remove(ctx context.Context, key string) error {
	err := s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
	if isMissing(err) {
		return nil
	}
	return err
}
