go run example.com/tool@latest ./...
go install example.com/tool/cmd/x@main
pip install tool
npm install --silent tool
