#pragma once
// Multiple-choice questions, whichever layout they came in.

#include <cstddef>
#include <string>
#include <vector>

namespace hippocrypt::model {

struct Question {
  std::string prompt;                ///< what the options continue, up to "Answer:"
  std::vector<std::string> options;  ///< at least two; none is empty
  std::size_t answer = 0;            ///< index of the right one
  std::string subject;               ///< empty when the file gives none
};

}  // namespace hippocrypt::model
