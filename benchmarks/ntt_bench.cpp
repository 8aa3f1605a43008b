// The client's inverse transform of 16 polynomials at a time, on one core. Expected: log2(N)/2
// butterflies a coefficient, about 12 vector instructions each, 16 or 8 coefficients at a time.

#include "base/cpu.hpp"
#include "benchmarks/alternate.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/transforms.hpp"

namespace hippocrypt::bench {

Section ntt_section(const Options& options) {
  Section section{.name = "ntt",
                  .title = "inverse transform, one core",
                  .columns = {{"ring_dim", "N"},
                              {"level", "level"},
                              {"ns_per_coefficient", "ns/coefficient", 2},
                              {"runs", "runs"}}};
  for (const char* name : {"rlwe2048", "rlwe1024"}) {
    const Transforms transforms{crypto::Params::named(name).value()};
    std::vector<SimdLevel> levels;
    std::vector<Contestant> contestants;
    for (const auto level : {SimdLevel::avx512, SimdLevel::avx2, SimdLevel::portable}) {
      if (level > machine_simd_level()) continue;
      levels.push_back(level);
      contestants.push_back({to_string(level), [&transforms, level] { transforms.run(level); }});
    }
    const auto timings = alternate(contestants, {options.seconds});
    for (std::size_t i = 0; i < levels.size(); ++i) {
      section.rows.push_back(
          {{"ring_dim", transforms.ring_dim()},
           {"level", to_string(levels[i])},
           {"ns_per_coefficient", timings[i].median_s * 1e9 / transforms.coefficients()},
           {"fastest_ns", timings[i].fastest_s * 1e9 / transforms.coefficients()},
           {"runs", timings[i].runs}});
    }
  }
  return section;
}

}  // namespace hippocrypt::bench
