//! The books of one set of allocators.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::c_void;
use std::mem;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use mapi_provider::abi::{MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY, S_OK};
use windows_core::HRESULT;

use super::block::Block;
use super::fault::{Leak, MemoryFault};
use crate::graveyard;
use crate::locks::lock;

/// How many freed bytes are kept, so a late use of them is noticed.
const QUARANTINE: usize = 1 << 22;
/// Faults beyond this number are not kept: a loop that repeats a mistake shows nothing new.
const MOST_FAULTS: usize = 1000;
/// The origin of what the provider itself allocates.
const PROVIDER: &str = "the provider";

/// The books of one set of allocators. Nothing here panics: it is called from foreign code.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Books>);

#[derive(Default)]
struct Books {
    blocks: BTreeMap<usize, Block>,
    quarantine: VecDeque<Block>,
    quarantined: usize,
    faults: Vec<MemoryFault>,
    /// Everybody's allocations.
    allocations: u64,
    /// The provider's allocations.
    requests: u64,
    fail_at: Option<u64>,
}

impl Ledger {
    /// Starts again. Memory that was not freed stays where it is forever, because somebody may
    /// still be using it.
    pub(super) fn reset(&self) {
        let books = mem::take(&mut *lock(&self.0));
        graveyard::keep(books.blocks);
    }

    pub(super) fn fail_nth(&self, n: u64) {
        let mut books = lock(&self.0);
        books.fail_at = Some(books.requests + n.max(1));
    }

    pub(super) fn requests(&self) -> u64 {
        lock(&self.0).requests
    }

    /// `AllocateBuffer`, called by the provider.
    ///
    /// # Safety
    ///
    /// `out` is NULL or valid for a write.
    pub(super) unsafe fn provider_buffer(&self, size: u32, out: *mut *mut c_void) -> HRESULT {
        // SAFETY: the caller's word.
        unsafe {
            self.provider_allocates(out, |books| books.allocate(size as usize, None, PROVIDER))
        }
    }

    /// `AllocateMore`, called by the provider.
    ///
    /// # Safety
    ///
    /// `out` is NULL or valid for a write.
    pub(super) unsafe fn provider_more(
        &self,
        size: u32,
        root: *mut c_void,
        out: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        unsafe {
            self.provider_allocates(out, |books| {
                let root = books.root_of(root as usize)?;
                books.allocate(size as usize, Some(root), PROVIDER)
            })
        }
    }

    unsafe fn provider_allocates(
        &self,
        out: *mut *mut c_void,
        allocate: impl FnOnce(&mut Books) -> Result<NonNull<u8>, HRESULT>,
    ) -> HRESULT {
        let mut books = lock(&self.0);
        books.requests += 1;
        if out.is_null() {
            books.fault(MemoryFault::NoPlace);
            return MAPI_E_INVALID_PARAMETER;
        }
        let failing = books.fail_at == Some(books.requests);
        let result = if failing {
            Err(MAPI_E_NOT_ENOUGH_MEMORY)
        } else {
            allocate(&mut books)
        };
        let (buffer, status) = match result {
            Ok(buffer) => (buffer.as_ptr(), S_OK),
            Err(status) => (ptr::null_mut(), status),
        };
        // SAFETY: not NULL, so valid for a write by the caller's word.
        unsafe { *out = buffer.cast() };
        status
    }

    /// A root that the host owns, for something that it hands to the provider.
    pub(crate) fn host_buffer(
        &self,
        size: usize,
        origin: &'static str,
    ) -> Result<NonNull<u8>, HRESULT> {
        lock(&self.0).allocate(size, None, origin)
    }

    /// A child of a root that the host owns.
    pub(crate) fn host_more(&self, size: usize, root: NonNull<u8>) -> Result<NonNull<u8>, HRESULT> {
        let mut books = lock(&self.0);
        let root = books.root_of(root.as_ptr() as usize)?;
        let origin = books
            .blocks
            .get(&root)
            .map_or(PROVIDER, |block| block.origin);
        books.allocate(size, Some(root), origin)
    }

    /// `FreeBuffer`.
    pub(crate) fn free(&self, buffer: *mut c_void) -> HRESULT {
        if buffer.is_null() {
            return S_OK;
        }
        lock(&self.0).free(buffer as usize)
    }

    pub(super) fn leaks(&self) -> Vec<Leak> {
        let books = lock(&self.0);
        let roots = books.blocks.values().filter(|block| block.root.is_none());
        let mut leaks: Vec<Leak> = roots.map(|root| books.leak(root)).collect();
        leaks.sort_by_key(|leak| leak.number);
        leaks
    }

    pub(super) fn faults(&self) -> Vec<MemoryFault> {
        let books = lock(&self.0);
        let mut faults = books.faults.clone();
        faults.extend(books.blocks.values().flat_map(Block::canary_faults));
        faults.extend(books.quarantine.iter().filter_map(disturbed));
        faults
    }
}

impl Books {
    fn allocate(
        &mut self,
        size: usize,
        root: Option<usize>,
        origin: &'static str,
    ) -> Result<NonNull<u8>, HRESULT> {
        self.allocations += 1;
        let mut block =
            Block::new(size, origin, self.allocations).ok_or(MAPI_E_NOT_ENOUGH_MEMORY)?;
        let (address, buffer) = (block.address(), block.buffer());
        block.root = root;
        if let Some(root) = root.and_then(|root| self.blocks.get_mut(&root)) {
            root.children.push(address);
        }
        self.blocks.insert(address, block);
        Ok(buffer)
    }

    /// The root for a child. Naming a child instead is a fault, but a harmless one.
    fn root_of(&mut self, address: usize) -> Result<usize, HRESULT> {
        if let Some(block) = self.blocks.get(&address) {
            let (size, root) = (block.size, block.root);
            if root.is_some() {
                self.fault(MemoryFault::MoreOfChild { size });
            }
            return Ok(root.unwrap_or(address));
        }
        let fault = match self.buried(address) {
            Some(block) => MemoryFault::MoreOfFreed { size: block.size },
            None => MemoryFault::MoreOfForeign { address },
        };
        self.fault(fault);
        Err(MAPI_E_INVALID_PARAMETER)
    }

    fn free(&mut self, address: usize) -> HRESULT {
        let fault = match self.blocks.get(&address) {
            Some(Block { root: None, .. }) => {
                self.bury(address);
                return S_OK;
            }
            Some(child) => MemoryFault::ChildFree { size: child.size },
            None => match self.buried(address) {
                Some(block) => MemoryFault::DoubleFree {
                    size: block.size,
                    origin: block.origin,
                },
                None => MemoryFault::ForeignFree { address },
            },
        };
        self.fault(fault);
        MAPI_E_INVALID_PARAMETER
    }

    fn buried(&self, address: usize) -> Option<&Block> {
        self.quarantine
            .iter()
            .find(|block| block.address() == address)
    }

    /// Moves a block and its children into quarantine.
    fn bury(&mut self, address: usize) {
        let Some(mut block) = self.blocks.remove(&address) else {
            return;
        };
        for fault in block.canary_faults() {
            self.fault(fault);
        }
        for child in mem::take(&mut block.children) {
            self.bury(child);
        }
        block.bury();
        self.quarantined += block.weight();
        self.quarantine.push_back(block);
        while self.quarantined > QUARANTINE
            && let Some(oldest) = self.quarantine.pop_front()
        {
            self.quarantined -= oldest.weight();
            if let Some(fault) = disturbed(&oldest) {
                self.fault(fault);
            }
        }
    }

    fn leak(&self, root: &Block) -> Leak {
        let children = root
            .children
            .iter()
            .filter_map(|child| self.blocks.get(child));
        let total = root.size + children.map(|child| child.size).sum::<usize>();
        Leak {
            size: root.size,
            children: root.children.len(),
            total,
            origin: root.origin,
            number: root.number,
        }
    }

    fn fault(&mut self, fault: MemoryFault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// The fault of a block in quarantine that was written to.
fn disturbed(block: &Block) -> Option<MemoryFault> {
    let fault = MemoryFault::WriteAfterFree {
        size: block.size,
        origin: block.origin,
    };
    (!block.rests()).then_some(fault)
}
