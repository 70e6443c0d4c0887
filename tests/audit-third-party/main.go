// Checks an exported audit log with the libraries of Go's checksum database, which know nothing of our code.
//
//	main VKEY-FILE EXPORT-FOLDER PROOFS-FILE
//
// PROOFS-FILE: one proof a line, made by our code:
// "record <n> <size> <root> <leaf> <hash>..." or "tree <older> <newer> <older root> <newer root> <hash>...", hashes in base64.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 4 {
		stop("usage: main VKEY-FILE EXPORT-FOLDER PROOFS-FILE")
	}
	vkey, err := os.ReadFile(os.Args[1])
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	check(err)
	stored, entries := readEntries(filepath.Join(os.Args[2], "entries.jsonl"))
	tiled := checkTiles(os.Args[2], stored, entries)
	checkpoints := checkNotes(filepath.Join(os.Args[2], "checkpoints.txt"), verifier, stored)
	records, trees := checkProofs(os.Args[3])
	fmt.Printf("entries %d checkpoints %d records %d trees %d tiled %d\n", entries, checkpoints, records, trees, tiled)
}

func readEntries(path string) (tlog.HashReader, int64) {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			list[i] = hashes[index]
		}
		return list, nil
	})
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	var n int64
	for ; lines.Scan(); n++ {
		more, err := tlog.StoredHashes(n, lines.Bytes(), reader)
		check(err)
		hashes = append(hashes, more...)
	}
	check(lines.Err())
	return reader, n
}

// Tiles as c2sp.org/tlog-tiles lays them out: Go's own paths without the height.
type tileFolder string

func (tileFolder) Height() int { return 8 }

func (folder tileFolder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	list := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(folder), path))
		if err != nil {
			return nil, err
		}
		list[i] = data
	}
	return list, nil
}

func (tileFolder) SaveTiles([]tlog.Tile, [][]byte) {}

// Where an export has tiles, every hash that they give is proven against the root, and is that of the entries.
func checkTiles(folder string, stored tlog.HashReader, entries int64) int64 {
	if _, err := os.Stat(filepath.Join(folder, "tile")); err != nil {
		return 0
	}
	root, err := tlog.TreeHash(entries, stored)
	check(err)
	reader := tlog.TileHashReader(tlog.Tree{N: entries, Hash: root}, tileFolder(folder))
	for n := int64(0); n < entries; n++ {
		index := []int64{tlog.StoredHashIndex(0, n)}
		tiled, err := reader.ReadHashes(index)
		check(err)
		ours, err := stored.ReadHashes(index)
		check(err)
		if tiled[0] != ours[0] {
			stop("another hash in a tile: " + strconv.FormatInt(n, 10))
		}
	}
	return entries
}

// Every note opens with the key, and its root is that of the entries.
func checkNotes(path string, verifier note.Verifier, stored tlog.HashReader) int {
	text, err := os.ReadFile(path)
	check(err)
	count := 0
	for _, msg := range strings.Split(string(text), "=====\n")[1:] {
		opened, err := note.Open([]byte(msg), note.VerifierList(verifier))
		check(err)
		lines := strings.Split(opened.Text, "\n")
		if len(lines) != 4 || lines[0] != verifier.Name() {
			stop("not a checkpoint of this log: " + opened.Text)
		}
		size, err := strconv.ParseInt(lines[1], 10, 64)
		check(err)
		root, err := tlog.TreeHash(size, stored)
		check(err)
		if root != hashOf(lines[2]) {
			stop("another root at " + lines[1])
		}
		count++
	}
	return count
}

// Good proofs are accepted, and refused as soon as one bit differs.
func checkProofs(path string) (int, int) {
	text, err := os.ReadFile(path)
	check(err)
	records, trees := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		word := strings.Split(line, " ")
		a, err := strconv.ParseInt(word[1], 10, 64)
		check(err)
		b, err := strconv.ParseInt(word[2], 10, 64)
		check(err)
		first, second := hashOf(word[3]), hashOf(word[4])
		broken := second
		broken[31] ^= 1
		var proof []tlog.Hash
		for _, hash := range word[5:] {
			proof = append(proof, hashOf(hash))
		}
		switch word[0] {
		case "record":
			check(tlog.CheckRecord(proof, b, first, a, second))
			if tlog.CheckRecord(proof, b, first, a, broken) == nil {
				stop("a changed record was accepted: " + line)
			}
			records++
		case "tree":
			check(tlog.CheckTree(proof, b, second, a, first))
			if tlog.CheckTree(proof, b, broken, a, first) == nil {
				stop("a changed root was accepted: " + line)
			}
			trees++
		default:
			stop("not a proof: " + line)
		}
	}
	return records, trees
}

func hashOf(text string) tlog.Hash {
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err)
	if len(bytes) != tlog.HashSize {
		stop("not a hash: " + text)
	}
	var hash tlog.Hash
	copy(hash[:], bytes)
	return hash
}

func check(err error) {
	if err != nil {
		stop(err.Error())
	}
}

func stop(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
