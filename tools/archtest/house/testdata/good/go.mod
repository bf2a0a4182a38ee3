module github.com/tributary-search/tributary

go 1.26.0

require (
	example.com/driver v1.0.0 // the protocol of shops
	github.com/dave/jennifer v1.7.1 // Go source as a tree
	go.etcd.io/bbolt v1.5.0 // the store of the embedded node
	golang.org/x/text v0.43.0 // indirect
)
