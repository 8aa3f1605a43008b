#include "privacy/dp_sgd/discrete_gaussian.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "base/check.hpp"
#include "base/parallel.hpp"
#include "base/secret.hpp"

namespace hippocrypt::privacy {
namespace {

using Real = boost::multiprecision::cpp_bin_float_100;
__extension__ using Word128 = unsigned __int128;

constexpr unsigned strips = 208;  // of sigma/16: up to 13 sigma
constexpr int strips_log2 = 4;    // of strips a sigma
constexpr int cell_bits = 12;
constexpr int rest_bits = 64 - cell_bits - 1;  // beside the sign: a point's bits, then a coin's

/// floor(p * 2^128) of p in [0, 1).
Word128 fixed_point(const Real& p) {
  const Real scaled = ldexp(p, 128);
  const Real high = floor(ldexp(scaled, -64));
  const auto low = static_cast<std::uint64_t>(floor(scaled - ldexp(high, 64)));
  return (static_cast<Word128>(static_cast<std::uint64_t>(high)) << 64) | low;
}

/// How a strip is drawn: 12 random bits name a cell; one that lies in a single strip has decided.
struct StripTable {
  std::array<Word128, strips> begin{};  // a strip's first point in [0, 1), times 2^128
  std::array<std::uint8_t, (1U << cell_bits)> first{};  // the strip of a cell's first point
  std::array<bool, (1U << cell_bits)> decided{};

  StripTable() {
    std::array<Real, strips + 1> sums;
    sums[0] = 0;
    for (unsigned h = 0; h < strips; ++h) sums[h + 1] = sums[h] + exp(Real{-int(h * h)} / 512);
    for (unsigned h = 0; h < strips; ++h) begin[h] = fixed_point(sums[h] / sums[strips]);
    for (std::size_t cell = 0; cell < first.size(); ++cell) {
      const Word128 from = static_cast<Word128>(cell) << (128 - cell_bits);
      const Word128 last = from + ((static_cast<Word128>(1) << (128 - cell_bits)) - 1);
      first[cell] = static_cast<std::uint8_t>(strip_of(from, 0));
      decided[cell] = strip_of(last, first[cell]) == first[cell];
    }
  }

  unsigned strip_of(Word128 point, unsigned h) const {
    while (h + 1 < strips && begin[h + 1] <= point) ++h;
    return h;
  }
};

const StripTable& strip_table() {
  static const StripTable table;
  return table;
}

/// A block of secret words, refilled when it is used up and wiped when it dies.
class WordBlock {
 public:
  WordBlock(RandomSource& random, std::size_t words_needed)
      : random_{random}, block_(std::clamp<std::size_t>(words_needed, 8, 4096)) {}

  std::uint64_t next() {
    if (next_ == end_) refill();
    return *next_++;
  }

 private:
  void refill() {
    const std::span<std::uint64_t> words = block_.reveal();
    random_.fill({reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()});
    next_ = words.data();
    end_ = next_ + words.size();
  }

  RandomSource& random_;
  SecretArray<std::uint64_t> block_;
  const std::uint64_t* next_ = nullptr;
  const std::uint64_t* end_ = nullptr;
};

/// Draws from |x| and the sign; one word is enough for most samples.
class Sampler {
 public:
  Sampler(RandomSource& random, int log2_sigma, std::size_t count)
      : words_{random, count + count / 16},
        table_{strip_table()},
        point_bits_{log2_sigma - strips_log2},
        coin_bits_{rest_bits - point_bits_},
        coin_unit_{std::ldexp(1.0, -coin_bits_)},
        exponent_unit_{std::ldexp(1.0, -2 * log2_sigma - 1)} {}

  std::int64_t next() {
    while (true) {
      const std::uint64_t word = words_.next();
      const unsigned h = strip(static_cast<std::size_t>(word >> (64 - cell_bits)));
      const std::uint64_t l = word & ((std::uint64_t{1} << point_bits_) - 1);
      const std::uint64_t coin = (word >> point_bits_) & ((std::uint64_t{1} << coin_bits_) - 1);
      const bool is_negative = ((word >> rest_bits) & 1U) != 0;
      const std::uint64_t size = (std::uint64_t{h} << point_bits_) + l;
      if (is_negative && size == 0) continue;  // zero has one sign
      const std::uint64_t exponent = ((std::uint64_t{2} * h * l) << point_bits_) + l * l;
      if (!keep(exponent, coin)) continue;
      return is_negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
    }
  }

 private:
  unsigned strip(std::size_t cell) {
    const unsigned h = table_.first[cell];
    if (table_.decided[cell]) return h;
    const Word128 rest = (static_cast<Word128>(words_.next()) << 64) | words_.next();
    return table_.strip_of((static_cast<Word128>(cell) << (128 - cell_bits)) | (rest >> cell_bits),
                           h);
  }

  /// True with probability exp(-x), x = exponent / (2 sigma^2): a uniform number, of which `coin`
  /// is the first bits, against bounds of the probability. 2^-40 is far above the rounding of any
  /// value here (below 2^-50, std::exp included).
  bool keep(std::uint64_t exponent, std::uint64_t coin) {
    constexpr double slack = 0x1p-40;
    const double x = static_cast<double>(exponent) * exponent_unit_;
    const double low = static_cast<double>(coin) * coin_unit_;
    const double high = low + coin_unit_;
    if (high < 1.0 - x - slack) return true;
    if (low > 1.0 - x + 0.5 * x * x + slack) return false;
    const double probability = std::exp(-x);
    if (high < probability - slack) return true;
    if (low > probability + slack) return false;
    return decide(exponent, coin);
  }

  bool decide(std::uint64_t exponent, std::uint64_t coin) {
    if (exponent == 0) return true;
    const Word128 rest = (static_cast<Word128>(words_.next()) << 64) | words_.next();
    const Word128 uniform =
        (static_cast<Word128>(coin) << (128 - coin_bits_)) | (rest >> coin_bits_);
    return uniform < fixed_point(exp(-Real{exponent} * Real{exponent_unit_}));
  }

  WordBlock words_;
  const StripTable& table_;
  int point_bits_, coin_bits_;
  double coin_unit_, exponent_unit_;
};

}  // namespace

DiscreteGaussian::DiscreteGaussian(RandomSource& random, int log2_sigma)
    : random_{&random}, log2_sigma_{log2_sigma} {
  HIPPOCRYPT_CHECK(log2_sigma >= min_log2_sigma && log2_sigma <= max_log2_sigma);
}

void DiscreteGaussian::add_to(std::span<std::int64_t> values, std::size_t threads) const {
  constexpr std::size_t samples_a_piece = 1U << 15;
  const bool is_system = dynamic_cast<const SystemRandom*>(random_) != nullptr;
  run_ranges(values.size(), samples_a_piece, is_system ? threads : 1,
             [&](std::size_t begin, std::size_t count) {
               Sampler sampler{*random_, log2_sigma_, count};
               for (std::int64_t& value : values.subspan(begin, count)) value += sampler.next();
             });
}

}  // namespace hippocrypt::privacy
