#pragma once
#include <tracefs.h>
