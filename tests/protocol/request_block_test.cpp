#include "protocol/core/request_block.hpp"

#include <gtest/gtest.h>

#include "tests/protocol/sample_messages.hpp"

namespace hippocrypt::protocol {
namespace {

TEST(RequestBlockTest, EveryRequestNamesItsBlock) {
  const auto request = test::sample_request();
  EXPECT_EQ(request_block(encode(request, Bytes(request.body_bytes()))).value(), 3U);
  EXPECT_EQ(request_block(encode(test::sample_setup_request())).value(), 7U);
  EXPECT_EQ(request_block(encode(test::sample_hint_request())).value(), 3U);
}

TEST(RequestBlockTest, WhatIsNoRequestHasNone) {
  EXPECT_EQ(request_block(encode(test::sample_error())).error().code, Errc::malformed);
  EXPECT_EQ(request_block(Bytes(70)).error().code, Errc::malformed);
  Bytes cut = encode(test::sample_setup_request());
  cut.pop_back();
  EXPECT_EQ(request_block(cut).error().code, Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::protocol
