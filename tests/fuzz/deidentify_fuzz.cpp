// Any text: spans are sorted, apart, inside the text, and every mode of replacement takes them.

#include <cstdlib>

#include "privacy/deidentify/replace.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hippocrypt::privacy;  // NOLINT(google-build-using-namespace)
  const std::string text{reinterpret_cast<const char*>(data), size};
  auto key = std::make_shared<hippocrypt::SecretBytes>(surrogate_key_bytes);
  for (const Replacement mode : {Replacement::tag, Replacement::surrogate, Replacement::mask}) {
    Deidentifier deidentifier{{.mode = mode, .mask_residuals = true, .key = key}};
    const auto replaced = deidentifier.replace("p", text);
    if (!replaced.has_value()) continue;
    std::size_t at = 0;
    for (const Span& span : replaced->finding.spans) {
      if (span.begin < at || span.end <= span.begin || span.end > text.size()) std::abort();
      at = span.end;
    }
  }
  return 0;
}
