# How our code is compiled: fleet::options, which no third party sees, and fleet_library().

# The instruction set of this machine: AVX-512 where there is one, AVX2 otherwise (cmake/setup.sh requires it).
set(FLEET_ISA auto CACHE STRING "x86-64-v3, x86-64-v4, or auto: the best that this machine runs")
set(fleet_isa ${FLEET_ISA})
if(FLEET_ISA STREQUAL auto)
  set(fleet_isa x86-64-v3)
  file(STRINGS /proc/cpuinfo cpu_flags REGEX "^flags" LIMIT_COUNT 1)
  if(cpu_flags MATCHES "avx512f" AND cpu_flags MATCHES "avx512bw" AND cpu_flags MATCHES "avx512cd"
     AND cpu_flags MATCHES "avx512dq" AND cpu_flags MATCHES "avx512vl")
    set(fleet_isa x86-64-v4)
  endif()
endif()
message(STATUS "Instruction set: ${fleet_isa}")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)

add_library(fleet_options INTERFACE)
add_library(fleet::options ALIAS fleet_options)

target_compile_features(fleet_options INTERFACE cxx_std_20)
target_include_directories(fleet_options INTERFACE ${PROJECT_SOURCE_DIR})
target_link_libraries(fleet_options INTERFACE Threads::Threads)
# libstdc++ comes first because libtorch_cpu.so exports parts of it (std::filesystem), which would otherwise be taken
# from there. --as-needed: a program that needs no LibTorch loads none, which saves a third of a second.
target_link_options(
  fleet_options
  INTERFACE LINKER:--push-state,--no-as-needed,-lstdc++,--pop-state LINKER:--as-needed
)

# -ffp-contract=off: the same bits whether or not the CPU has FMA, so that a seed names a run.
# -fno-math-errno -fno-trapping-math: let loops over sqrt and comparisons become vector code. Never -ffast-math.
# -fno-semantic-interposition: position-independent code, which the Python module needs, then costs nothing.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(cxx_flags -march=${fleet_isa} -fno-semantic-interposition -ffp-contract=off -fno-math-errno -fno-trapping-math
              -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-psabi)
# -Wno-psabi: packs wider than a register change how they are passed with -march, and all of our code has the same.
# Warnings stop us, not a user whose compiler is newer than the one we test with.
# -Wno-restrict: g++ 12 warns falsely about "text" + std::string (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
  list(APPEND cxx_flags -Werror -Wno-restrict)
endif()

# -std: CMake 3.25 does not know that nvcc speaks C++20. --fmad=false: as -ffp-contract=off, the same bits on host and
# device; formulas write fma where it pays.
set(cuda_flags -std=c++20 --extended-lambda --expt-relaxed-constexpr --fmad=false
               -Xcompiler=-Wall,-Wextra,-ffp-contract=off,-march=${fleet_isa})

# FLEET_SANITIZE (presets asan and tsan): what -fsanitize= is given, for our code only.
set(FLEET_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")
if(FLEET_SANITIZE)
  list(APPEND cxx_flags -fsanitize=${FLEET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  list(APPEND cxx_flags -Wno-maybe-uninitialized)  # g++ 12 warns falsely about std::regex when it instruments
  target_link_options(fleet_options INTERFACE -fsanitize=${FLEET_SANITIZE})
endif()

target_compile_options(
  fleet_options
  INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${cxx_flags}>" "$<$<COMPILE_LANGUAGE:CUDA>:${cuda_flags}>"
)

# fleet_library(sim SOURCES a.cc b.cc PUBLIC fleet::cuda PRIVATE ...) makes the target fleet_sim, alias fleet::sim.
# PUBLIC: libraries that its headers include. Without sources it is a library of headers.
function(fleet_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(arg_SOURCES)
    add_library(fleet_${name} STATIC ${arg_SOURCES})
    target_link_libraries(fleet_${name} PUBLIC fleet::options ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  else()
    add_library(fleet_${name} INTERFACE)
    target_link_libraries(fleet_${name} INTERFACE fleet::options ${arg_PUBLIC} ${arg_PRIVATE})
  endif()
  add_library(fleet::${name} ALIAS fleet_${name})
endfunction()
