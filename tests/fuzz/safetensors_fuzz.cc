#include "apps/files/file_error.h"
#include "apps/files/safetensors.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  return fuzz::run<files::FileError>(
      [&] { files::parse_safetensors_header(fuzz::text_of(data, size), size, fuzz::kFile); });
}
