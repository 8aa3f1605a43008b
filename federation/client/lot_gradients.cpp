#include "federation/client/lot_gradients.hpp"

#include <algorithm>

#include "model/unit_gradient.hpp"

namespace hippocrypt::federation {

void add_units(const model::LoraTape& tape, std::span<const std::vector<model::SequenceSpan>> units,
               privacy::LotAccumulator& lot, std::size_t threads) {
  const auto squares = model::unit_squares(tape, units, threads);
  const std::vector<std::size_t>& sizes = lot.layers();
  std::vector<std::vector<float>> memory(threads);
  const auto layer_of = [&](std::size_t unit, std::size_t layer, std::size_t worker) {
    auto& values = memory[worker];
    if (values.size() < sizes[layer]) values.resize(sizes[layer]);
    const std::span<float> out{values.data(), sizes[layer]};
    model::layer_gradient<float>(tape, layer, units[unit], out);
    return std::span<const float>{out};
  };
  lot.add_units({units.size(), sizes.size(), squares, layer_of}, threads);
}

}  // namespace hippocrypt::federation
