package job

import (
	"context"
	"errors"
)

// Status is where a sync job stands, in the words of the connector protocol.
type Status string

// The statuses of a sync job.
const (
	Pending    Status = "pending"
	InProgress Status = "in_progress"
	Canceling  Status = "canceling"
	Canceled   Status = "canceled"
	Suspended  Status = "suspended"
	Completed  Status = "completed"
	Failed     Status = "error"
)

// The causes a run is cancelled with. [Outcome] turns them into a status.
var (
	// ErrCanceled says that a user asked to stop.
	ErrCanceled = errors.New("canceled by a user")
	// ErrShutdown says that this process ends; the job goes on elsewhere.
	ErrShutdown = errors.New("the service shuts down")
	// ErrLost says that the job belongs to another worker now: write nothing.
	ErrLost = errors.New("the job was taken over by another worker")
)

// Outcome turns the error that a run ended with into the job's final status.
func Outcome(ctx context.Context, err error) Status {
	cause := context.Cause(ctx)
	switch {
	case err == nil:
		return Completed
	case errors.Is(cause, ErrCanceled), errors.Is(err, ErrCanceled):
		return Canceled
	case errors.Is(cause, ErrShutdown), errors.Is(err, ErrShutdown):
		return Suspended
	}
	return Failed
}
