#include "protocol/client/hint_store.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>

#include "base/file.hpp"
#include "base/file_lock.hpp"
#include "protocol/client/hint_file.hpp"
#include "protocol/client/hint_stream.hpp"
#include "protocol/core/hint_pieces.hpp"

namespace hippocrypt::protocol {
namespace {

/// How often hints without their hash are downloaded anew: a part that an earlier process left may
/// have been damaged.
constexpr int max_downloads = 2;

constexpr const char* suffix = ".hints";

ByteView bytes_of(std::span<const std::uint32_t> words) {
  return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
}

/// HASH.hints, or the same growing or being written.
bool is_ours(const std::filesystem::path& path) {
  return path.filename().string().find(suffix) == 2 * sizeof(Hash256);
}

}  // namespace

/// Hints to be kept.
struct HintStore::Entry {
  TileKind kind;
  Hash256 sha256;
  std::uint64_t words;
  std::filesystem::path path;
  std::uint64_t bytes() const { return words * sizeof(std::uint32_t); }
};

/// First come until the limit is reached; what does not fit any more may leave room for less.
std::vector<HintStore::Entry> HintStore::wanted(const ServerSetup& setup) const {
  std::vector<Entry> entries;
  HintLimit limit{options_.limit_bytes};
  for (const ServerSite& site : setup.sites()) {
    for (const Direction direction : {Direction::forward, Direction::backward}) {
      const SiteProduct& product = site.product(direction);
      const Entry entry{{site.id, direction},
                        product.hint_sha256,
                        crypto::lane_polys_words(product.outputs, setup.params().ring_dim()),
                        options_.folder / (to_hex(product.hint_sha256) + suffix)};
      if (entry.words > 0 && limit.keeps(entry.bytes())) entries.push_back(entry);
    }
  }
  return entries;
}

Status HintStore::provide(ServerSetup& setup, ProductTransport& transport) {
  const std::scoped_lock lock{mutex_};
  std::error_code failure;
  std::filesystem::create_directories(options_.folder, failure);
  HIPPOCRYPT_TRY(const FileLock folder, FileLock::take(options_.folder / "lock"));
  std::vector<Entry> entries = wanted(setup), missing;
  remove_others(entries);
  there_bytes_ = all_bytes_ = 0;
  for (const Entry& entry : entries) all_bytes_ += entry.bytes();
  for (const Entry& entry : entries) {
    if (!adopt(setup, entry, Trust::checked)) missing.push_back(entry);
  }
  HIPPOCRYPT_TRY_VOID(make_missing(setup, missing));
  for (int i = 0; i < max_downloads && !missing.empty(); ++i) {
    HIPPOCRYPT_TRY_VOID(download(setup, transport, missing));
  }
  if (missing.empty()) return Ok{};
  return Error{Errc::mismatch,
               "the hints that the server sent do not have the hash that its table states"};
}

/// Maps a file that is there and whole; one that has just been hashed is not read again.
Status HintStore::adopt(ServerSetup& setup, const Entry& entry, Trust trust) {
  HIPPOCRYPT_TRY(SharedBytes words, map_file(entry.path, entry.bytes()));
  if (words->size() != entry.bytes()) return Error{Errc::mismatch, "a file of another size"};
  const auto* const first = reinterpret_cast<const std::uint32_t*>(words->data());
  if (trust == Trust::checked) {
    HIPPOCRYPT_TRY_VOID(
        check_hints(setup.product(entry.kind), {first, static_cast<std::size_t>(entry.words)}));
  }
  setup.set_hints(entry.kind, std::move(words));
  there_bytes_ += entry.bytes();
  tell();
  return Ok{};
}

/// Leaves in `missing` what is to be downloaded.
Status HintStore::make_missing(ServerSetup& setup, std::vector<Entry>& missing) {
  if (missing.empty()) return Ok{};
  const Status made = make_all(setup, missing);
  return options_.may_download ? Ok{} : made;
}

/// Other weights than the server's show at the first matrix.
Status HintStore::make_all(ServerSetup& setup, std::vector<Entry>& missing) {
  if (!options_.make) {
    return Error{Errc::unavailable,
                 "hints are to be computed, but the model's frozen weights are not here: let hints "
                 "be downloaded, or give the whole model"};
  }
  HIPPOCRYPT_TRY(const Maker make, options_.make());
  while (!missing.empty()) {
    const Entry entry = missing.front();
    HIPPOCRYPT_TRY(const crypto::LanePolys hints, make(entry.kind, setup.masks(entry.kind.site)));
    const ByteView bytes = bytes_of(hints.view().words());
    if (sha256(bytes) != entry.sha256) {
      return Error{Errc::mismatch,
                   "the weights here are not the server's, so that no hints can be computed from "
                   "them: let them be downloaded, or use the server's model"};
    }
    HIPPOCRYPT_TRY_VOID(write_file_atomically(entry.path, bytes));
    HIPPOCRYPT_TRY_VOID(adopt(setup, entry, Trust::as_written));
    missing.erase(missing.begin());
  }
  return Ok{};
}

/// One stream for all of them; leaves in `missing` what turned out to be damaged.
Status HintStore::download(ServerSetup& setup, ProductTransport& transport,
                           std::vector<Entry>& missing) {
  std::vector<HintRequest> pieces;
  for (const Entry& entry : missing) {
    const auto more = hint_pieces(setup, entry.kind, words_left(entry.path, entry.words));
    std::copy(more.begin(), more.end(), std::back_inserter(pieces));
  }
  HintStream stream{transport, std::move(pieces), options_.pieces_in_flight};
  std::vector<Entry> damaged;
  for (const Entry& entry : missing) {
    HIPPOCRYPT_TRY(auto file, GrowingHintFile::open(entry.path, entry.words));
    while (file.size() < entry.words) {
      HIPPOCRYPT_TRY(const auto words, stream.next());
      HIPPOCRYPT_TRY_VOID(file.append(words));
    }
    const Status finished = file.finish(entry.sha256);
    if (finished) {
      HIPPOCRYPT_TRY_VOID(adopt(setup, entry, Trust::as_written));
    } else if (finished.error().code == Errc::mismatch) {
      damaged.push_back(entry);
    } else {
      return finished.error();
    }
  }
  missing = std::move(damaged);
  return Ok{};
}

void HintStore::remove_others(const std::vector<Entry>& entries) const {
  std::set<std::filesystem::path> kept;
  for (const Entry& entry : entries) {
    kept.insert(entry.path);
    kept.insert(growing_name(entry.path));
  }
  std::error_code failure;
  for (const auto& file : std::filesystem::directory_iterator{options_.folder, failure}) {
    if (kept.contains(file.path()) || !is_ours(file.path())) continue;
    std::error_code ignored;  // what stays only takes room
    std::filesystem::remove(file.path(), ignored);
  }
}

void HintStore::tell() const {
  if (options_.progress) options_.progress(there_bytes_, all_bytes_);
}

}  // namespace hippocrypt::protocol
