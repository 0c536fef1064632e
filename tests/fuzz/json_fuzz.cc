#include "apps/files/file_error.h"
#include "apps/files/json_reader.h"
#include "apps/files/manifest.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::run<files::FileError>([&] { files::parse_json(text, fuzz::kFile); });
  return fuzz::run<files::FileError>([&] { files::parse_manifest(text, fuzz::kFile); });
}
