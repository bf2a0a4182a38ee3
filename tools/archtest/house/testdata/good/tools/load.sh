go run example.com/tool@v1.2.3 ./... # not its latest
pip install "tool==1.2.3"
npm install tool@1.2.3 --silent
npm install --prefix ./x
