#include "crypto/server/limb_product.hpp"

#include <omp.h>

#include <algorithm>
#include <cstring>

namespace hippocrypt::crypto {
namespace {

// A panel of token tiles stays in the second-level cache while all rows of weights pass by.
constexpr std::size_t panel_bytes = std::size_t{400} << 10;
constexpr std::size_t max_panel_tokens = 64;
constexpr std::size_t max_block_inputs = 6144;
/// Enough tasks for threads that do not run at the same speed.
constexpr std::size_t tasks_per_thread = 4;

constexpr std::size_t round_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

/// How a product is cut: a task is a panel of token tiles by a chunk of row blocks.
struct Plan {
  std::size_t block_inputs;  ///< inputs that one pass over a panel sums
  std::size_t panel_tiles, panels;
  std::size_t chunk_blocks, chunks;
  /// Several chunks use each panel, so limbs are made before, once, for all threads.
  bool shares_limbs() const { return chunks > 1; }
  std::size_t tasks() const { return panels * chunks; }
};

Plan make_plan(const LimbMatrix& matrix, std::size_t tiles, std::size_t threads) {
  const LimbKernel& kernel = *matrix.kernel;
  Plan plan{};
  const std::size_t blocks = (matrix.in + max_block_inputs - 1) / max_block_inputs;
  plan.block_inputs = round_up((matrix.in + blocks - 1) / blocks, kernel.weight_inputs);
  const std::size_t tile_bytes = plan.block_inputs * limb_count * kernel.tile_tokens;
  plan.panel_tiles =
      std::clamp<std::size_t>(panel_bytes / tile_bytes, 1, max_panel_tokens / kernel.tile_tokens);
  plan.panel_tiles = std::min(plan.panel_tiles, tiles);
  plan.panels = (tiles + plan.panel_tiles - 1) / plan.panel_tiles;
  const std::size_t wanted = threads == 1 ? 1 : threads * tasks_per_thread;
  const std::size_t chunks = (wanted + plan.panels - 1) / plan.panels;
  plan.chunk_blocks = (matrix.row_blocks() + chunks - 1) / chunks;
  plan.chunks = (matrix.row_blocks() + plan.chunk_blocks - 1) / plan.chunk_blocks;
  return plan;
}

/// One product on its way; what it is made from outlives it. Everything is allocated before the
/// parallel region, so that nothing throws inside.
class LimbProduct {
 public:
  LimbProduct(const LimbMatrix& matrix, std::span<const ProductInput> inputs, WireFormat format,
              std::size_t threads, std::span<const WritableBytes> answers)
      : matrix_{matrix},
        kernel_{*matrix.kernel},
        inputs_{inputs},
        answers_{answers},
        format_{format},
        tiles_{inputs, kernel_.tile_tokens},
        plan_{make_plan(matrix, tiles_.count(), threads)},
        workers_{std::min(threads, plan_.tasks())} {
    const std::size_t panel_lines = plan_.panel_tiles * limb_lines(plan_.block_inputs);
    limbs_.resize(plan_.shares_limbs() ? tiles_.count() * limb_lines(matrix.padded_in())
                                       : workers_ * panel_lines);
    const bool is_blocked = plan_.block_inputs < matrix.padded_in();
    const std::size_t kept_tiles = is_blocked ? plan_.panel_tiles * plan_.chunk_blocks : 1;
    sums_lines_ = kept_tiles * tile_sums() * sizeof(std::uint32_t) / sizeof(Line);
    sums_.resize(workers_ * sums_lines_);
  }

  void run() {
    const auto tiles = static_cast<std::int64_t>(tiles_.count());
    const auto tasks = static_cast<std::int64_t>(plan_.tasks());
#pragma omp parallel num_threads(static_cast <int>(workers_))
    {
      kernel_.enter_thread();
      if (plan_.shares_limbs()) {
#pragma omp for schedule(dynamic)
        for (std::int64_t t = 0; t < tiles; ++t) {
          const auto tile = static_cast<std::size_t>(t);
          pack_tile(tile, 0, matrix_.padded_in(), shared_limbs(tile, 0));
        }
      }
#pragma omp for schedule(dynamic)
      for (std::int64_t task = 0; task < tasks; ++task) {
        multiply_task(static_cast<std::size_t>(task),
                      static_cast<std::size_t>(omp_get_thread_num()));
      }
      kernel_.leave_thread();
    }
  }

 private:
  std::size_t tile_sums() const { return kernel_.tile_rows * kernel_.tile_tokens; }
  /// Lines of a tile's limbs.
  std::size_t limb_lines(std::size_t inputs) const {
    return round_up(inputs * limb_count * kernel_.tile_tokens, sizeof(Line)) / sizeof(Line);
  }
  std::uint8_t* shared_limbs(std::size_t tile, std::size_t first_input) {
    return limbs_[tile * limb_lines(matrix_.padded_in())].bytes +
           first_input * limb_count * kernel_.tile_tokens;
  }
  std::uint8_t* own_limbs(std::size_t thread, std::size_t panel_tile) {
    return limbs_[(thread * plan_.panel_tiles + panel_tile) * limb_lines(plan_.block_inputs)].bytes;
  }

  void multiply_task(std::size_t task, std::size_t thread) {
    const std::size_t first_tile = task / plan_.chunks * plan_.panel_tiles;
    const std::size_t tiles = std::min(plan_.panel_tiles, tiles_.count() - first_tile);
    const std::size_t first_block = task % plan_.chunks * plan_.chunk_blocks;
    const std::size_t blocks = std::min(plan_.chunk_blocks, matrix_.row_blocks() - first_block);
    const std::size_t in = matrix_.padded_in();
    auto* const sums = reinterpret_cast<std::uint32_t*>(sums_.data() + thread * sums_lines_);
    for (std::size_t j = 0; j < in; j += plan_.block_inputs) {
      const std::size_t inputs = std::min(plan_.block_inputs, in - j);
      if (!plan_.shares_limbs()) {
        for (std::size_t t = 0; t < tiles; ++t) {
          pack_tile(first_tile + t, j, inputs, own_limbs(thread, t));
        }
      }
      const bool is_blocked = inputs != in, is_last = j + inputs == in;
      for (std::size_t i = 0; i < blocks; ++i) {
        for (std::size_t t = 0; t < tiles; ++t) {
          std::uint32_t* const tile = sums + (is_blocked ? (i * tiles + t) * tile_sums() : 0);
          const std::uint8_t* const limbs =
              plan_.shares_limbs() ? shared_limbs(first_tile + t, j) : own_limbs(thread, t);
          kernel_.multiply_tile(matrix_.weights(first_block + i, j), limbs, inputs, tile, j != 0);
          if (is_last) write_tile(first_block + i, first_tile + t, tile);
        }
      }
    }
  }

  /// Limbs of `inputs` features (zeros beyond the last) of a tile.
  void pack_tile(std::size_t tile, std::size_t first_input, std::size_t inputs, std::uint8_t* to) {
    const std::span<const ColumnRun> runs = tiles_.runs(tile);
    const std::size_t quads = inputs / quad_inputs;
    std::size_t done = 0;
    if (runs.size() == 1 && runs[0].count == kernel_.tile_tokens) {
      const std::size_t stride = row_bytes(format_.upload_bits, inputs_[runs[0].input].tokens);
      done = std::min(inputs, matrix_.in - first_input) / quad_inputs;
      kernel_.pack_limbs(format_.upload_bits, upload(runs[0], first_input), stride, done, to);
    }
    for (; done < quads; ++done) {
      pack_gathered_quad(runs, first_input + done * quad_inputs,
                         to + done * quad_inputs * limb_count * kernel_.tile_tokens);
    }
  }

  const std::uint8_t* upload(const ColumnRun& run, std::size_t input) const {
    const ProductInput& from = inputs_[run.input];
    return from.body.data() + input * row_bytes(format_.upload_bits, from.tokens) +
           row_bytes(format_.upload_bits, run.first_token);
  }

  /// A quad of a tile that is not full, mixes requests, or ends beyond the last feature.
  void pack_gathered_quad(std::span<const ColumnRun> runs, std::size_t first_input,
                          std::uint8_t* to) const {
    constexpr std::size_t row_space = 64;  // 24-bit values of a tile
    HIPPOCRYPT_CHECK(row_bytes(24, kernel_.tile_tokens) <= row_space);
    std::uint8_t rows[quad_inputs][row_space] = {};
    for (std::size_t i = 0; i < quad_inputs && first_input + i < matrix_.in; ++i) {
      for (const ColumnRun& run : runs) {
        std::memcpy(rows[i] + row_bytes(format_.upload_bits, run.first_column),
                    upload(run, first_input + i), row_bytes(format_.upload_bits, run.count));
      }
    }
    kernel_.pack_limbs(format_.upload_bits, rows[0], row_space, 1, to);
  }

  /// Sums mod 2^24 of a tile to the answers.
  void write_tile(std::size_t row_block, std::size_t tile, const std::uint32_t* sums) {
    const std::size_t first_row = row_block * kernel_.tile_rows;
    const std::size_t rows = std::min(kernel_.tile_rows, matrix_.out - first_row);
    const std::span<const ColumnRun> runs = tiles_.runs(tile);
    if (runs.size() == 1 && runs[0].count == kernel_.tile_tokens) {
      kernel_.round_rows(format_.download_bits, sums, rows, download(runs[0], first_row),
                         row_bytes(format_.download_bits, inputs_[runs[0].input].tokens));
      return;
    }
    for (std::size_t i = 0; i < rows; ++i, sums += kernel_.tile_tokens) {
      for (const ColumnRun& run : runs) write_run(run, first_row + i, sums + run.first_column);
    }
  }

  void write_run(const ColumnRun& run, std::size_t row, const std::uint32_t* sums) {
    const unsigned shift = 24 - format_.download_bits;
    std::uint32_t values[64];
    for (std::size_t c = 0; c < run.count; ++c) {
      values[c] = ((sums[c] & 0xFFFFFF) + (1U << (shift - 1))) >> shift;
    }
    pack_row(format_.download_bits, values, run.count, download(run, row));
  }

  std::uint8_t* download(const ColumnRun& run, std::size_t row) {
    return answers_[run.input].data() +
           row * row_bytes(format_.download_bits, inputs_[run.input].tokens) +
           row_bytes(format_.download_bits, run.first_token);
  }

  const LimbMatrix& matrix_;
  const LimbKernel& kernel_;
  std::span<const ProductInput> inputs_;
  std::span<const WritableBytes> answers_;
  WireFormat format_;
  ColumnTiles tiles_;
  Plan plan_;
  std::size_t workers_;
  std::size_t sums_lines_;  ///< of one thread
  std::vector<Line> limbs_, sums_;
};

}  // namespace

void multiply_limbs(const LimbMatrix& matrix, std::span<const ProductInput> inputs,
                    WireFormat format, std::size_t threads,
                    std::span<const WritableBytes> answers) {
  LimbProduct{matrix, inputs, format, threads, answers}.run();
}

}  // namespace hippocrypt::crypto
