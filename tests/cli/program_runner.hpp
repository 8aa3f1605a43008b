#pragma once
// Runs the built program in a folder of its own.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::cli {

struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

class ProgramRunner : public testing::Test {
 protected:
  const std::filesystem::path& folder() const { return folder_.path(); }

  /// The text of a file in the folder.
  std::string read(const std::filesystem::path& name) const {
    std::ostringstream text;
    text << std::ifstream{folder() / name, std::ios::binary}.rdbuf();
    return text.str();
  }

  /// `arguments` and redirections are the shell's.
  Outcome run(const std::string& arguments) const {
    const std::string command = "cd '" + folder().string() + "' && OMP_WAIT_POLICY=passive '" +
                                HIPPOCRYPT_PROGRAM + "' >out.txt 2>err.txt " + arguments;
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out.txt"), read("err.txt")};
  }

 private:
  test_support::TemporaryFolder folder_;
};

}  // namespace hippocrypt::cli
