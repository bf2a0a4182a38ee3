// Package job is a package.
package job
