package speech

import (
	"container/list"
	"context"
	"sync"
)

// clips are those that were made, the newest used first, up to a number of bytes.
// Who asks for one that is being made waits for it. A failure is not kept.
type clips struct {
	most int

	mu    sync.Mutex
	size  int
	order *list.List // of *clip, the last used in front
	by    map[string]*list.Element
	wait  map[string]*making
}

type clip struct {
	key   string
	sound []byte
}

// making is a clip under way; done is closed when it is there.
type making struct {
	done  chan struct{}
	sound []byte
	err   error
}

func newClips(most int) *clips {
	return &clips{most: most, order: list.New(), by: map[string]*list.Element{}, wait: map[string]*making{}}
}

func (c *clips) get(ctx context.Context, key string, build func() ([]byte, error)) ([]byte, error) {
	c.mu.Lock()
	if e := c.by[key]; e != nil {
		c.order.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*clip).sound, nil
	}
	m := c.wait[key]
	if m == nil {
		m = &making{done: make(chan struct{})}
		c.wait[key] = m
		go c.fill(key, m, build) // ends with the program's time limit
	}
	c.mu.Unlock()
	select {
	case <-m.done:
		return m.sound, m.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *clips) fill(key string, m *making, build func() ([]byte, error)) {
	m.sound, m.err = build()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.wait, key)
	if m.err == nil && len(m.sound) <= c.most {
		c.by[key] = c.order.PushFront(&clip{key, m.sound})
		for c.size += len(m.sound); c.size > c.most; {
			old := c.order.Remove(c.order.Back()).(*clip)
			c.size -= len(old.sound)
			delete(c.by, old.key)
		}
	}
	close(m.done)
}
