#pragma once
// Text that comes in pieces of bytes, shown only in whole characters: a token may end inside one.

#include <string>
#include <string_view>

namespace hippocrypt::model {

class Utf8Gate {
 public:
  /// More bytes → the characters that are complete by now; U+FFFD for every byte that cannot become
  /// part of one.
  std::string push(std::string_view bytes);
  /// No more will come: U+FFFD for what is left, if anything.
  std::string finish();

 private:
  std::string held_;  ///< the beginning of a character, at most 3 bytes
};

}  // namespace hippocrypt::model
