#pragma once
// A hospital's hints on disk: each product's in a file named by its hash, so that whatever lies
// there is right or damaged, whichever server, masks or weights it is of. Up to a limit, in the
// order of the model; products whose hints are not kept are streamed.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

#include "protocol/client/server_setup.hpp"

namespace hippocrypt::protocol {

/// Thread-safe; processes may share the folder, one after the other.
class HintStore final : public HintKeeper {
 public:
  /// Computes a product's hints with these masks.
  using Maker = std::function<Result<crypto::LanePolys>(const TileKind&, crypto::LanePolysView)>;
  /// Gives a maker, which holds the frozen weights; asked when hints are missing, and dropped once
  /// they are there.
  using MakerSource = std::function<Result<Maker>()>;
  /// Bytes of the hints to be kept that are there, and of all of them.
  using Progress = std::function<void(std::uint64_t there, std::uint64_t all)>;

  struct Options {
    std::filesystem::path folder;  ///< hints in it that are not wanted any more are removed
    std::uint64_t limit_bytes = std::numeric_limits<std::uint64_t>::max();
    MakerSource make = {};     ///< empty: hints are downloaded
    bool may_download = true;  ///< where they cannot be made; false: that is an error
    std::size_t pieces_in_flight = 4;
    Progress progress = {};  ///< empty: nobody is told
  };

  explicit HintStore(Options options) : options_{std::move(options)} {}

  /// Files that have their hash are mapped; missing ones are made or downloaded, from where an
  /// earlier process was killed, and damaged ones anew. Errors: io (the folder), those of
  /// HintStream and, without leave to download, of the maker and its source; mismatch (hints made
  /// from other weights than the server's, without leave to download; hints that the server sends
  /// twice without the hash that its table states).
  Status provide(ServerSetup& setup, ProductTransport& transport) override;

 private:
  struct Entry;
  /// Whether a file's hash is looked at, or was as this process wrote it.
  enum class Trust : std::uint8_t { checked, as_written };
  std::vector<Entry> wanted(const ServerSetup& setup) const;
  Status adopt(ServerSetup& setup, const Entry& entry, Trust trust);
  Status make_missing(ServerSetup& setup, std::vector<Entry>& missing);
  Status make_all(ServerSetup& setup, std::vector<Entry>& missing);
  Status download(ServerSetup& setup, ProductTransport& transport, std::vector<Entry>& missing);
  void remove_others(const std::vector<Entry>& entries) const;
  void tell() const;

  const Options options_;
  std::mutex mutex_;
  std::uint64_t there_bytes_ = 0, all_bytes_ = 0;  ///< of provide() under way
};

}  // namespace hippocrypt::protocol
