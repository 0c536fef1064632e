#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What libFuzzer calls, and corpus_runner.cc where there is no libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fleet::fuzz {

inline constexpr const char* kFile = "fuzzed.file";

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Reads the input. The one way to refuse it is an Error, in one short line that begins with the
/// file's name; anything else ends the program.
template <class Error, class Read>
int run(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    const bool is_plain = std::ranges::none_of(
        message, [](char character) { return static_cast<unsigned char>(character) < 0x20; });
    if (!message.starts_with(kFile) || message.size() > 2000 || !is_plain) {
      std::abort();
    }
  }
  return 0;
}

}  // namespace fleet::fuzz
