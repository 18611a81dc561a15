package web

import (
	"filodiretto/inbox"
	"filodiretto/web/openapi"
)

const deliveryPath = casePath + "/deliveries/{id}"

func (a *api) deliveryOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "POST", Path: deliveryPath + "/retry", ID: "retryDelivery", Tag: "messages", Scope: "write",
			Summary: "Try again what failed, or, at the caller's risk, what is in doubt and may have arrived. 422 erased where the contents are gone",
		}, apiEmpty(a.retry)),
		op(openapi.Operation{
			Method: "POST", Path: deliveryPath + "/arrived", ID: "markArrived", Tag: "messages", Scope: "write",
			Summary: "Settle one in doubt: it arrived",
		}, apiEmpty(a.arrived)),
	}
}

// pathDelivery is the delivery of the address, when it is of the case of the
// address and the operator's office decides about it.
func (a *api) pathDelivery(q *apiCall) (int64, error) {
	c, err := a.pathCase(q)
	if err != nil {
		return 0, err
	}
	id := q.id("id")
	ok, err := a.Inbox.DeliveryOf(q.ctx, q.Viewer, c, id)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return 0, inbox.ErrNotFound
	case !q.Member(c.OfficeID):
		return 0, inbox.ErrForbidden
	}
	return id, nil
}

func (a *api) retry(q *apiCall, _ nothing) error {
	id, err := a.pathDelivery(q)
	if err != nil {
		return err
	}
	return a.Inbox.RetryDelivery(q.ctx, q.Viewer, id)
}

func (a *api) arrived(q *apiCall, _ nothing) error {
	id, err := a.pathDelivery(q)
	if err != nil {
		return err
	}
	return a.Inbox.MarkArrived(q.ctx, q.Viewer, id)
}
