package service

import (
	"context"
	"path/filepath"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/letters"
	"github.com/tributary-search/tributary/runtime/settings"
)

// Failed says whose dead letters the documents of a sync go to that fail.
type Failed struct {
	Connector string // id of the connector, or the owner of a sync without one
	Job       string // id of the sync job; empty: none
	// Summary is set when the sync is over.
	Summary letters.Summary
}

// Letters are the dead letters that settings name. The files are below the
// folder of the settings' data; without one there are none.
func Letters(client *elastic.Client, s settings.Settings) letters.Store {
	store := letters.Store{Client: client, Index: s.DeadLetters.Index}
	if s.Data != "" {
		store.Dir = filepath.Join(s.Data, "failed")
	}
	return store
}

// keepFailed makes the letters ready. They are to be finished.
func (p *parts) keepFailed(ctx context.Context) {
	if p.Failed == nil || p.Sink != nil {
		return
	}
	store := Letters(p.Client, p.Settings)
	store.Log = p.Log
	p.letters = letters.Open(ctx, letters.Options{
		Store: store, Connector: p.Failed.Connector, Job: p.Failed.Job, Target: p.Index, Pipeline: p.Pipeline, Fence: p.Fence, Redact: p.Redact.Text, Now: p.Now,
	})
}

// finishFailed ends the letters of a sync that is over.
func (p *parts) finishFailed(ctx context.Context, r job.Runner, complete bool) {
	if p.letters == nil {
		return
	}
	how := letters.Broken
	if _, changes := r.(*job.Changes); changes {
		how = letters.Changes // what came in before an error has come in
	} else if complete {
		how = letters.Everything
	}
	p.Failed.Summary = p.letters.Finish(ctx, how)
}

// report is what the bulk writer tells of documents.
func (p *parts) report() elastic.Report {
	if p.letters == nil {
		return p.budget
	}
	return keeping{p.budget, p.letters}
}

// keeping counts rejected documents and keeps them.
type keeping struct {
	*job.Budget
	letters *letters.Box
}

// Failed keeps the document, also the one that ends the sync.
func (k keeping) Failed(r connector.Rejection) error {
	k.letters.Keep(r)
	return k.Budget.Failed(r)
}
