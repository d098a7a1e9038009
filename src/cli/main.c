#include "arras/status.h"

int main(void)
{
    return ARRAS_OK;
}
