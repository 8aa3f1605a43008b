// The committed files of data/hospitals are what the generator writes today.

#include <gtest/gtest.h>

#include <filesystem>

#include "notes/note_file.hpp"
#include "notes/synth/synthesize.hpp"

namespace hippocrypt::notes {
namespace {

void expect_reproduced(const std::string& file, const SynthOptions& options) {
  const auto path = std::filesystem::path{HIPPOCRYPT_SOURCE_DIR} / "data" / "hospitals" / file;
  const auto committed = read_notes(path);
  ASSERT_TRUE(committed.has_value()) << committed.error().detail;
  const auto made = synthesize(options);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(committed->notes == *made) << "generate " << file << " again, see data/README.md";
  EXPECT_EQ(committed->report.train_patients + committed->report.heldout_patients,
            options.patients);
}

TEST(HospitalData, IsReproducedByItsCommandLine) {
  expect_reproduced("st-anna.jsonl", {.seed = 101,
                                      .patients = 900,
                                      .specialities = {"cardiology"},
                                      .heldout_share = 0.15,
                                      .id_prefix = "SA"});
  expect_reproduced("riverside.jsonl", {.seed = 102,
                                        .patients = 700,
                                        .specialities = {"oncology"},
                                        .heldout_share = 0.15,
                                        .id_prefix = "RS"});
  expect_reproduced("northgate.jsonl", {.seed = 103,
                                        .patients = 550,
                                        .specialities = {"neurology"},
                                        .heldout_share = 0.15,
                                        .id_prefix = "NG"});
  expect_reproduced("lakeview.jsonl", {.seed = 104,
                                       .patients = 500,
                                       .specialities = {"cardiology", "oncology", "neurology"},
                                       .heldout_share = 0.15,
                                       .id_prefix = "LV"});
}

}  // namespace
}  // namespace hippocrypt::notes
