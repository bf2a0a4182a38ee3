//go:build !(darwin || freebsd || linux || netbsd || openbsd)

package directory

import "errors"

// systemAccounts fails: this system keeps no owner, group and mode of files.
func systemAccounts() (*accounts, error) {
	return nil, errors.New("document level security needs owner, group and mode of files, which this system does not keep; switch it off")
}

func lookAt(string, *stat) error { return errors.ErrUnsupported }
