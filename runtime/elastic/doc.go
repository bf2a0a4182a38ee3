// Package elastic is Tributary's side of Elasticsearch: the client, the content
// index, the scan of what it holds, and the bulk writer.
//
// It speaks to servers 8.x and 9.x through elastic-transport with the media
// types of version 8. What it promises to the engine is declared there
// (runtime/job); the two packages do not import each other.
package elastic
