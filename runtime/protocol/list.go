package protocol

import (
	"context"
	"fmt"
	"slices"
)

// Selection is which connectors a service works on: those of its types that
// are not native, and those of its ids whatever they are.
type Selection struct {
	IDs, ServiceTypes []string
	All               bool
}

// Has reports whether a connector is selected. Deleted ones are too.
func (s Selection) Has(c Connector) bool {
	return s.All || slices.Contains(s.IDs, c.ID) || !c.Native && slices.Contains(s.ServiceTypes, c.ServiceType)
}

// Connectors returns the selected connectors that were written after a
// sequence number, all of them after -1, in the order of their numbers.
// Deleted ones are among them; one that is written meanwhile may come twice,
// the newer one later. A write that was under way may come to light
// only when higher numbers have been seen: list all of them now and then.
func (c *Client) Connectors(ctx context.Context, sel Selection, afterSeqNo int64) ([]Connector, error) {
	var all []Connector
	for {
		page, read, err := c.connectorPage(ctx, sel, afterSeqNo)
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); read.hits < connectorPage {
			return all, nil
		}
		afterSeqNo = read.last
	}
}

// LiveJobs returns the jobs of selected types that are to be run, run, or are
// to be stopped, oldest first. With ids, only jobs of those connectors are
// returned. The documents are parts: [Client.Claim] reads the whole.
func (c *Client) LiveJobs(ctx context.Context, sel Selection, ids []string) ([]Job, error) {
	jobs, total, err := c.searchJobs(ctx, liveQuery(sel, ids, liveJobs), ids, true)
	if err == nil && total > liveJobs {
		jobs, _, err = c.searchJobs(ctx, liveQuery(sel, ids, maxWindow), ids, true)
	}
	return jobs, err
}

// Jobs returns the newest jobs of a connector, of all connectors when the id
// is empty; at most n of them.
func (c *Client) Jobs(ctx context.Context, connectorID string, n int) ([]Job, error) {
	jobs, _, err := c.searchJobs(ctx, historyQuery(connectorID, min(n, maxWindow)), nil, false)
	return jobs, err
}

const (
	connectorPage = 500
	liveJobs      = 1000
	maxWindow     = 10_000 // of a search, without asking for more
)

type pageEnd struct {
	hits int
	last int64
}

func (c *Client) connectorPage(ctx context.Context, sel Selection, after int64) (page []Connector, end pageEnd, err error) {
	_, err = c.store.Search(ctx, ConnectorsIndex, connectorsQuery(sel, after), func(id string, source []byte, seqNo, term int64) error {
		end.hits, end.last = end.hits+1, seqNo
		v := Version{seqNo, term}
		conn, err := ParseConnector(id, v, source)
		if err != nil {
			c.unreadable(ConnectorsIndex, id, v, err)
			return nil
		}
		page = append(page, conn)
		return nil
	})
	return page, end, wrap("list connectors", err)
}

func (c *Client) searchJobs(ctx context.Context, query []byte, ids []string, partial bool) (jobs []Job, total int64, err error) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	total, err = c.store.Search(ctx, JobsIndex, query, func(id string, source []byte, seqNo, term int64) error {
		v := Version{seqNo, term}
		j, err := ParseJob(id, v, source)
		if err != nil {
			c.unreadable(JobsIndex, id, v, err)
			return nil
		}
		if j.partial = partial; len(ids) == 0 || wanted[j.ConnectorID] {
			jobs = append(jobs, j)
		}
		return nil
	})
	return jobs, total, wrap("list sync jobs", err)
}

// unreadable tells once about a document that is passed over.
func (c *Client) unreadable(index, id string, v Version, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key := index + "/" + id; c.puzzled[key] != v {
		c.puzzled[key] = v
		c.log.Warn("a document is passed over: it can't be read", "index", index, "id", id, "error", err)
	}
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
