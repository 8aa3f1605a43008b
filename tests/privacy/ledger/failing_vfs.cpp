#include "tests/privacy/ledger/failing_vfs.hpp"

#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

namespace hippocrypt::privacy {
namespace {

struct File {
  sqlite3_file base;
  const char* kind;
  sqlite3_file* real;
};

struct Undo {
  sqlite3_file* real;
  sqlite3_int64 offset, old_size;
  std::vector<char> old_bytes;
};

std::uint64_t next_call = 0;
std::uint64_t dies_at = std::numeric_limits<std::uint64_t>::max();
Death death_kind = Death::killed;
std::vector<std::string> names;
std::vector<Undo> unflushed;
sqlite3_vfs* system_vfs = nullptr;

sqlite3_file* real_of(sqlite3_file* file) {
  void* address = file;
  return static_cast<File*>(address)->real;
}
const char* kind_of(sqlite3_file* file) {
  void* address = file;
  return static_cast<File*>(address)->kind;
}

sqlite3_int64 size_of(sqlite3_file* real) {
  sqlite3_int64 size = 0;
  real->pMethods->xFileSize(real, &size);
  return size;
}

void remember(sqlite3_file* real, sqlite3_int64 offset, sqlite3_int64 bytes) {
  const sqlite3_int64 size = size_of(real);
  Undo undo{real, offset, size, {}};
  undo.old_bytes.resize(
      static_cast<std::size_t>(std::clamp<sqlite3_int64>(size - offset, 0, bytes)));
  if (!undo.old_bytes.empty()) {
    real->pMethods->xRead(real, undo.old_bytes.data(), static_cast<int>(undo.old_bytes.size()),
                          offset);
  }
  unflushed.push_back(std::move(undo));
}

/// True if the call is the last one, and not to be done whole.
bool is_last(const char* what, const char* kind) {
  names.push_back(std::string{what} + " " + kind);
  return next_call++ == dies_at;
}

void at_call(const char* what, sqlite3_file* file) {
  if (is_last(what, kind_of(file))) FailingVfs::die(death_kind);
}

int close_file(sqlite3_file* file) {
  sqlite3_file* real = real_of(file);
  std::erase_if(unflushed, [real](const Undo& undo) { return undo.real == real; });
  const int status = real->pMethods->xClose(real);
  ::operator delete(real);
  return status;
}
int read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 at) {
  return real_of(file)->pMethods->xRead(real_of(file), out, bytes, at);
}
int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
  sqlite3_file* real = real_of(file);
  const bool last = is_last("write", kind_of(file));
  if (last && death_kind == Death::killed_half) real->pMethods->xWrite(real, data, bytes / 2, at);
  if (last) FailingVfs::die(death_kind);
  remember(real, at, bytes);
  return real->pMethods->xWrite(real, data, bytes, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  at_call("truncate", file);
  sqlite3_file* real = real_of(file);
  remember(real, size, size_of(real) - size);
  return real->pMethods->xTruncate(real, size);
}
int sync(sqlite3_file* file, int flags) {
  at_call("sync", file);
  sqlite3_file* real = real_of(file);
  std::erase_if(unflushed, [real](const Undo& undo) { return undo.real == real; });
  return real->pMethods->xSync(real, flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int level) {
  at_call("lock", file);
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock(sqlite3_file* file, int level) {
  at_call("unlock", file);
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved(sqlite3_file* file, int* out) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
int control(sqlite3_file* file, int op, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}
int sector_size(sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shm_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** out) {
  at_call("map shm of", file);
  return real_of(file)->pMethods->xShmMap(real_of(file), page, bytes, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  at_call("lock shm of", file);
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  at_call("barrier shm of", file);
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  at_call("unmap shm of", file);
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

// Version 2: no memory mapping, so that every change of a file is a call.
const sqlite3_io_methods methods{2,
                                 close_file,
                                 read,
                                 write,
                                 truncate,
                                 sync,
                                 file_size,
                                 lock,
                                 unlock,
                                 check_reserved,
                                 control,
                                 sector_size,
                                 characteristics,
                                 shm_map,
                                 shm_lock,
                                 shm_barrier,
                                 shm_unmap,
                                 nullptr,
                                 nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  void* address = out;
  File* file = static_cast<File*>(address);
  file->base.pMethods = nullptr;
  file->kind = (flags & SQLITE_OPEN_WAL) != 0 ? "wal" : "database";
  void* memory = ::operator new(static_cast<std::size_t>(system_vfs->szOsFile));
  std::memset(memory, 0, static_cast<std::size_t>(system_vfs->szOsFile));
  file->real = static_cast<sqlite3_file*>(memory);
  const int status = system_vfs->xOpen(system_vfs, name, file->real, flags, out_flags);
  if (status == SQLITE_OK) {
    file->base.pMethods = &methods;
  } else {
    ::operator delete(memory);
  }
  return status;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (is_last("delete", "file")) FailingVfs::die(death_kind);
  return system_vfs->xDelete(system_vfs, name, sync_folder);
}

}  // namespace

void FailingVfs::install() {
  system_vfs = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs vfs = *system_vfs;
  vfs.zName = "failing";
  vfs.szOsFile = sizeof(File);
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.pNext = nullptr;
  sqlite3_vfs_register(&vfs, 1);
}

void FailingVfs::arm(std::uint64_t at, Death death) {
  next_call = 0;
  names.clear();
  dies_at = at;
  death_kind = death;
}

void FailingVfs::die(Death death) {
  if (death == Death::power_cut) {
    for (auto undo = unflushed.rbegin(); undo != unflushed.rend(); ++undo) {
      sqlite3_file* real = undo->real;
      if (!undo->old_bytes.empty()) {
        real->pMethods->xWrite(real, undo->old_bytes.data(),
                               static_cast<int>(undo->old_bytes.size()), undo->offset);
      }
      real->pMethods->xTruncate(real, undo->old_size);
    }
  }
  ::raise(SIGKILL);
  std::abort();
}

const std::vector<std::string>& FailingVfs::calls() { return names; }

}  // namespace hippocrypt::privacy
