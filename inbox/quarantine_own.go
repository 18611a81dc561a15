package inbox

import (
	"context"
	"slices"

	"filodiretto/channels"
)

// LetIn is what becomes of an item when a person lets it in, where that is not plain:
// of one that bears an address of ours.
type LetIn struct {
	Own bool // it bears one
	// For is where its writer asked to be answered, as the form of a town's site does
	// for whoever filled it in. Such an item counts as theirs, wherever it goes.
	For channels.Address
	// Ours is whether it counts as written by our own people on the case that it is
	// attached to. Without For and this its writer is unknown.
	Ours bool
}

// letIn tells what becomes of an item that bears an address of ours.
func (h *house) letIn(it *channels.Item) LetIn {
	if it.Kind != channels.Own {
		return LetIn{}
	}
	out := LetIn{Own: true}
	i := slices.IndexFunc(it.ReplyTo, func(a channels.Address) bool {
		return a.Kind == "email" && a.Value != "" && a.Value != it.From.Value && !h.ours(a.Value)
	})
	if i >= 0 {
		out.For = it.ReplyTo[i]
	}
	out.Ours = i < 0 && !unconfirmed(it)
	return out
}

// letOwnIn makes a message of each item of ours that a person let in and that was
// written for somebody else, who is then its sender: the only place where an address
// for answers says who somebody is, since a person decided so (mail rule 52). Nobody
// proves it, so that such a message comes to no case by itself.
func (f *filing) letOwnIn(ctx context.Context) error {
	for _, r := range f.list {
		for i := range r.items {
			it := &r.items[i]
			if !r.force || it.Kind != channels.Own {
				continue
			}
			to, err := f.writtenFor(ctx, it)
			if err != nil {
				return err
			}
			if to.Value != "" {
				it.Notes = append(it.Notes, "reply_to:"+to.Value) // as a later reading has it
				it.Kind, it.From, it.Auto, r.said = channels.Message, to, channels.NotAuto, true
			}
		}
	}
	return nil
}

// writtenFor is for whom a mail that bears an address of ours was written.
func (f *filing) writtenFor(ctx context.Context, it *channels.Item) (channels.Address, error) {
	if f.house == nil && len(it.ReplyTo) > 0 { // of a mailbox whose senders are not held against the house
		h, err := f.in.readHouse(ctx, f.tx)
		if err != nil {
			return channels.Address{}, err
		}
		return h.letIn(it).For, nil
	}
	return f.house.letIn(it).For, nil
}
