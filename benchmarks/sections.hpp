#pragma once
// The benchmarks; README.md says what each measures and how.

#include "benchmarks/options.hpp"
#include "benchmarks/report.hpp"

namespace hippocrypt::bench {

Section product_section(const Options& options);
Section ntt_section(const Options& options);
/// Runs the program again for the lower instruction sets, unless options.one_level.
Section client_section(const Options& options);
Section hints_section(const Options& options);
Section link_section(const Options& options);
Section compare_section(const Options& options);
Section lora_step_section(const Options& options);
Section dp_step_section(const Options& options);
Section dp_step_135m_section(const Options& options);
Section small_batch_section(const Options& options);
Section rounds_section(const Options& options);
Section tokenizer_section(const Options& options);
Section secagg_section(const Options& options);
Section shape_1b_section(const Options& options);

}  // namespace hippocrypt::bench
