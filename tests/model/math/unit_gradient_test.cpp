// Norms of units without their gradients, against the gradients.

#include "model/unit_gradient.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

Matrix random_floats(SeededSequence& random, std::size_t rows, std::size_t cols) {
  Matrix out{rows, cols};
  for (float& value : out.values()) value = static_cast<float>(random.normal());
  return out;
}

/// A tape of random values: norms need nothing but its products.
LoraTape random_tape(Trainable trainable, std::size_t rank, std::size_t tokens,
                     std::uint64_t seed) {
  const Model model = tiny_model(config_of(tiny_literal()));
  const LoraConfig lora = LoraConfig::create({rank, 3.0, all_targets}, model.config).value();
  const LoraAdapter adapter{model.config, lora};
  SeededSequence random{seed, "tape"};
  LoraTape tape;
  tape.trainable = trainable;
  tape.rank = rank;
  tape.shapes = adapter.shapes();
  tape.blocks.resize(adapter.blocks());
  for (auto& block : tape.blocks) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      const auto group = static_cast<LinearGroup>(g);
      block.dy[g] = random_floats(random, model.config.out_features(group), tokens);
      block.x[g] = random_floats(random, model.config.in_features(group), tokens);
    }
    for (std::size_t i = 0; i < tape.shapes.size(); ++i) {
      block.ax.push_back(random_floats(random, rank, tokens));
      block.bdy.push_back(random_floats(random, rank, tokens));
    }
  }
  return tape;
}

using Units = std::vector<std::vector<SequenceSpan>>;

/// Units of one to three sequences of one to `longest` tokens, side by side.
Units random_units(SeededSequence& random, std::size_t tokens, std::size_t longest) {
  Units units;
  std::size_t at = 0;
  while (true) {
    std::vector<SequenceSpan> unit(1 + random.below(3));
    for (SequenceSpan& span : unit) {
      span = {at, 1 + random.below(longest)};
      at += span.count;
    }
    if (at > tokens) return units;
    units.push_back(unit);
  }
}

std::vector<double> squares_of_gradients(const LoraTape& tape, const Units& units) {
  std::vector<double> squares;
  const auto sizes = layer_sizes(tape);
  std::vector<float> flat(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}));
  for (const auto& unit : units) {
    unit_gradient<float>(tape, unit, flat);
    auto at = flat.begin();
    for (const std::size_t size : sizes) {
      double square = 0;
      for (std::size_t i = 0; i < size; ++i, ++at) square += std::pow(static_cast<double>(*at), 2);
      squares.push_back(square);
    }
  }
  return squares;
}

TEST(UnitSquares, EqualThoseOfTheGradientsHoweverTheyAreFound) {
  SeededSequence random{1, "units"};
  constexpr std::size_t tokens = 120;
  for (const auto trainable :
       {Trainable::both, Trainable::b_only, Trainable::a_only, Trainable::core}) {
    for (const std::size_t rank : {std::size_t{1}, std::size_t{4}, std::size_t{8}}) {
      const LoraTape tape = random_tape(trainable, rank, tokens, rank);
      for (const std::size_t longest : {std::size_t{1}, std::size_t{3}, std::size_t{20}}) {
        const Units units = random_units(random, tokens, longest);
        const auto expected = squares_of_gradients(tape, units);
        for (const NormBy by : {NormBy::automatic, NormBy::gram, NormBy::product}) {
          const auto squares = unit_squares(tape, units, 2, by);
          ASSERT_EQ(squares.size(), expected.size());
          for (std::size_t i = 0; i < squares.size(); ++i) {
            ASSERT_NEAR(std::sqrt(squares[i]), std::sqrt(expected[i]),
                        1e-5 * std::sqrt(expected[i]));
          }
        }
      }
    }
  }
}

TEST(UnitSquares, AreTheSameOnEveryNumberOfThreads) {
  SeededSequence random{2, "units"};
  const LoraTape tape = random_tape(Trainable::both, 4, 60, 3);
  const Units units = random_units(random, 60, 9);
  EXPECT_EQ(unit_squares(tape, units, 1), unit_squares(tape, units, 3));
}

TEST(UnitSquares, KeepWhatIsNotANumberWithItsUnit) {
  LoraTape tape = random_tape(Trainable::both, 4, 20, 4);
  tape.blocks[0].dy[0](0, 3) = std::numeric_limits<float>::quiet_NaN();
  tape.blocks[1].bdy[2](1, 12) = std::numeric_limits<float>::infinity();
  const Units units{{{0, 4}}, {{4, 4}, {8, 2}}, {{10, 5}}};
  const std::size_t layers = layer_sizes(tape).size();
  for (const NormBy by : {NormBy::gram, NormBy::product}) {
    const auto squares = unit_squares(tape, units, 1, by);
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      const auto first = squares.begin() + static_cast<std::ptrdiff_t>(unit * layers);
      const double sum = std::accumulate(first, first + static_cast<std::ptrdiff_t>(layers), 0.0);
      EXPECT_EQ(std::isfinite(sum), unit == 1) << unit;
    }
  }
}

TEST(UnitSquares, OfNothingAreZero) {
  const LoraTape tape = random_tape(Trainable::both, 4, 5, 5);
  EXPECT_TRUE(unit_squares(tape, {}, 1).empty());
  const Units units(1);
  for (const double square : unit_squares(tape, units, 1)) EXPECT_EQ(square, 0.0);
}

}  // namespace
}  // namespace hippocrypt::model
