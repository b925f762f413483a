//! A PST file made here, byte by byte, so that the reader has something to read if there are no real files.

/// The parts of a file in the making. Nodes and blocks have IDs as wide as the format has them.
pub(crate) struct MadePst {
    /// 8 bytes, or 4 in the older format.
    word: usize,
    blocks: Vec<(u64, Vec<u8>)>,
    nodes: Vec<SubNode>,
    /// What each heap says is free: real files disagree about it.
    free: u16,
}

/// A node: its ID, and the blocks of its data and of the nodes within it.
pub(crate) type SubNode = (u32, u64, u64);

/// A value of a property or of a cell.
pub(crate) enum Value {
    Long(i32),
    Text(&'static str),
    Bytes(Vec<u8>),
    /// The value is the data of a node within.
    Within(u16, u32),
    /// An object: the node within.
    Object(u32),
}

impl Value {
    fn prop_type(&self) -> u16 {
        match self {
            Self::Long(_) => 0x0003,
            Self::Text(_) => 0x001F,
            Self::Bytes(_) => 0x0102,
            Self::Within(prop_type, _) => *prop_type,
            Self::Object(_) => 0x000D,
        }
    }

    /// The value as it is written if there are four bytes for it, with another piece of the heap if it needs one.
    fn stored(&self, pieces: &mut Vec<Vec<u8>>) -> u32 {
        let piece = match self {
            Self::Long(number) => return number.cast_unsigned(),
            Self::Within(_, node) => return *node,
            Self::Text(text) => wide(text),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Object(node) => [node.to_le_bytes(), [0; 4]].concat(),
        };
        pieces.push(piece);
        (pieces.len() as u32) << 5
    }
}

pub(crate) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The most bytes of data that a block holds.
const IN_BLOCK: usize = 8176;

impl MadePst {
    pub(crate) fn new(word: usize, free: u16) -> Self {
        Self {
            word,
            blocks: Vec::new(),
            nodes: Vec::new(),
            free,
        }
    }

    pub(crate) fn node(&mut self, id: u32, data: u64, within: u64) {
        self.nodes.push((id, data, within));
    }

    fn block(&mut self, internal: u64, data: Vec<u8>) -> u64 {
        let id = (self.blocks.len() as u64 + 1) << 2 | internal;
        self.blocks.push((id, data));
        id
    }

    fn push(&self, bytes: &mut Vec<u8>, number: u64) {
        bytes.extend(&number.to_le_bytes()[..self.word]);
    }

    /// The block of some data, or of a tree of blocks if the data is too long for one.
    pub(crate) fn data(&mut self, data: &[u8]) -> u64 {
        if data.len() <= IN_BLOCK {
            return self.block(0, data.to_vec());
        }
        let parts = data.chunks(IN_BLOCK).map(<[u8]>::to_vec);
        let parts: Vec<u64> = parts.map(|part| self.block(0, part)).collect();
        let mut tree = vec![1, 1];
        tree.extend((parts.len() as u16).to_le_bytes());
        tree.extend((data.len() as u32).to_le_bytes());
        parts.iter().for_each(|part| self.push(&mut tree, *part));
        self.block(2, tree)
    }

    /// The block that names the nodes within a node; 0 for none.
    pub(crate) fn within(&mut self, nodes: &[SubNode]) -> u64 {
        if nodes.is_empty() {
            return 0;
        }
        let mut list = vec![2, 0];
        list.extend((nodes.len() as u16).to_le_bytes());
        list.resize(self.word, 0);
        for (id, data, within) in nodes {
            for number in [u64::from(*id), *data, *within] {
                self.push(&mut list, number);
            }
        }
        self.block(2, list)
    }

    fn heap(&mut self, kind: u8, pieces: &[Vec<u8>]) -> u64 {
        let mut heap = vec![0, 0, 0xEC, kind, 0x20, 0, 0, 0, 0, 0, 0, 0];
        let mut offsets = vec![heap.len() as u16];
        for piece in pieces {
            heap.extend(piece);
            offsets.push(heap.len() as u16);
        }
        let map = heap.len() as u16;
        heap[..2].copy_from_slice(&map.to_le_bytes());
        heap.extend((pieces.len() as u16).to_le_bytes());
        heap.extend(self.free.to_le_bytes());
        heap.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        self.data(&heap)
    }

    /// The block of the properties of an object.
    pub(crate) fn properties(&mut self, properties: &[(u16, Value)]) -> u64 {
        let mut pieces = vec![vec![0xB5, 2, 6, 0, 0x40, 0, 0, 0], Vec::new()];
        let mut records = Vec::new();
        for (id, value) in properties {
            let stored = value.stored(&mut pieces);
            records.extend(id.to_le_bytes());
            records.extend(value.prop_type().to_le_bytes());
            records.extend(stored.to_le_bytes());
        }
        pieces[1] = records;
        // Some programs count a piece without bytes as free, and some don't.
        pieces.push(Vec::new());
        self.heap(0xBC, &pieces)
    }

    /// The block of a table whose rows have an ID each and values in columns of four bytes, which may be empty.
    pub(crate) fn table(
        &mut self,
        columns: &[(u16, u16)],
        rows: &[(u32, Vec<Option<Value>>)],
    ) -> u64 {
        let bits = 4 * columns.len();
        let size = bits + columns.len().div_ceil(8);
        let mut header = vec![0x7C, columns.len() as u8];
        for end in [bits, bits, bits, size] {
            header.extend((end as u16).to_le_bytes());
        }
        // The index, the rows, and nothing.
        for piece in [0x40_u32, 0x80, 0] {
            header.extend(piece.to_le_bytes());
        }
        for (number, (id, prop_type)) in columns.iter().enumerate() {
            header.extend(prop_type.to_le_bytes());
            header.extend(id.to_le_bytes());
            header.extend((4 * number as u16).to_le_bytes());
            header.extend([4, number as u8]);
        }
        let place = if self.word == 8 { 4 } else { 2 };
        let index = vec![0xB5, 4, place, 0, 0x60, 0, 0, 0];
        let mut pieces = vec![header, index, Vec::new(), Vec::new()];
        let (mut places, mut matrix) = (Vec::new(), Vec::new());
        for (number, (id, values)) in rows.iter().enumerate() {
            places.extend(id.to_le_bytes());
            places.extend(&(number as u32).to_le_bytes()[..place.into()]);
            let mut there = vec![0; columns.len().div_ceil(8)];
            for (column, value) in values.iter().enumerate() {
                let stored = value.as_ref().map(|value| value.stored(&mut pieces));
                matrix.extend(stored.unwrap_or(0xCCCC_CCCC).to_le_bytes());
                there[column / 8] |= u8::from(value.is_some()) << (7 - column % 8);
            }
            matrix.extend(there);
        }
        pieces[2] = places;
        pieces[3] = matrix;
        self.heap(0x7C, &pieces)
    }

    /// The whole file.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let (version, nodes, blocks, crypt) = if self.word == 8 {
            (23_u8, 224, 240, 513)
        } else {
            (14, 188, 196, 461)
        };
        let mut file = vec![0; 1024];
        file[..4].copy_from_slice(b"!BDN");
        file[8..12].copy_from_slice(&[b'S', b'M', version, 0]);
        file[crypt] = 0;
        let mut entries = Vec::new();
        for (id, data) in std::mem::take(&mut self.blocks) {
            let at = file.len() as u64;
            self.append_block(&mut file, id, &data);
            let mut entry = Vec::new();
            self.push(&mut entry, id);
            self.push(&mut entry, at);
            entry.extend((data.len() as u16).to_le_bytes());
            entry.resize(3 * self.word, 0);
            entries.push(entry);
        }
        let root = self.tree(&mut file, 0x80, entries);
        file[blocks..blocks + self.word].copy_from_slice(&root.to_le_bytes()[..self.word]);
        let mut entries = Vec::new();
        self.nodes.sort_unstable();
        for (id, data, within) in std::mem::take(&mut self.nodes) {
            let mut entry = Vec::new();
            for number in [u64::from(id), data, within] {
                self.push(&mut entry, number);
            }
            entry.resize(4 * self.word, 0);
            entries.push(entry);
        }
        let root = self.tree(&mut file, 0x81, entries);
        file[nodes..nodes + self.word].copy_from_slice(&root.to_le_bytes()[..self.word]);
        file
    }

    fn append_block(&self, file: &mut Vec<u8>, id: u64, data: &[u8]) {
        let trailer = if self.word == 8 { 16 } else { 12 };
        let end = file.len() + (data.len() + trailer).next_multiple_of(64);
        file.extend(data);
        file.resize(end - trailer, 0);
        file.extend((data.len() as u16).to_le_bytes());
        file.extend([0; 2]);
        if self.word == 8 {
            file.extend(sum(data).to_le_bytes());
            file.extend(id.to_le_bytes());
        } else {
            file.extend((id as u32).to_le_bytes());
            file.extend(sum(data).to_le_bytes());
        }
    }

    /// Writes a tree of pages of a kind, a few entries a page, and returns where its root is.
    fn tree(&self, file: &mut Vec<u8>, kind: u8, entries: Vec<Vec<u8>>) -> u64 {
        let (mut level, mut entries) = (0, entries);
        loop {
            let mut above = Vec::new();
            let pages = entries.chunks(5).map(<[Vec<u8>]>::to_vec);
            for page in pages.collect::<Vec<_>>() {
                let mut entry = page[0][..self.word].to_vec();
                self.push(&mut entry, 0);
                self.push(&mut entry, file.len() as u64);
                above.push(entry);
                self.append_page(file, kind, level, &page);
            }
            if above.len() <= 1 {
                return file.len() as u64 - 512;
            }
            (level, entries) = (level + 1, above);
        }
    }

    fn append_page(&self, file: &mut Vec<u8>, kind: u8, level: u8, entries: &[Vec<u8>]) {
        let (counts, trailer) = if self.word == 8 {
            (488, 496)
        } else {
            (496, 500)
        };
        let mut page = entries.concat();
        page.resize(512, 0);
        let size = entries.first().map_or(0, Vec::len);
        page[counts..counts + 4].copy_from_slice(&[entries.len() as u8, 5, size as u8, level]);
        page[trailer..trailer + 2].copy_from_slice(&[kind, kind]);
        file.extend(page);
    }
}

/// The sum at the end of blocks.
fn sum(data: &[u8]) -> u32 {
    data.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum: u32, _| {
            (sum >> 1) ^ (0xEDB8_8320 * (sum & 1))
        })
    })
}
